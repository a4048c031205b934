/**
 * Lets many callers share one read. A caller joins the read that starts NEXT, never one already in flight: what it gets
 * was read after its request, so that whatever ended before the request is in it.
 */
export class CoalescedRead<T> {
  private running: Promise<unknown> = Promise.resolve()
  private next?: Promise<T>

  constructor(private readonly read: () => Promise<T>) {}

  get(): Promise<T> {
    this.next ??= this.startAfter(this.running)
    return this.next
  }

  private async startAfter(running: Promise<unknown>): Promise<T> {
    await running
    this.next = undefined
    const reading = this.read()
    // Whoever comes next waits for the end of this read, whichever it is.
    this.running = reading.catch(() => undefined)
    return reading
  }
}
