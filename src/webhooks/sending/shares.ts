/** What this process is sending, by webhook: a slow one takes up its share and no more. */
export class Shares {
  private readonly counts = new Map<string, number>()
  private readonly sends = new Set<Promise<void>>()

  get size(): number {
    return this.sends.size
  }

  get byWebhook(): ReadonlyMap<string, number> {
    return this.counts
  }

  /** `send` does not reject. */
  add(webhookId: string, send: Promise<void>): void {
    this.counts.set(webhookId, (this.counts.get(webhookId) ?? 0) + 1)
    const ended = send.finally(() => {
      this.sends.delete(ended)
      const left = this.counts.get(webhookId)! - 1
      if (left === 0) this.counts.delete(webhookId)
      else this.counts.set(webhookId, left)
    })
    this.sends.add(ended)
  }

  async allEnded(): Promise<void> {
    await Promise.all(this.sends)
  }
}
