import { until } from './until.js'

export interface ServerSentEvent {
  id?: string
  event?: string
  data: any
}

/** Reads server-sent events as they come. */
export class EventStream {
  readonly events: ServerSentEvent[] = []
  readonly comments: string[] = []
  hasEnded = false
  private readonly abort = new AbortController()

  private constructor(readonly response: Response) {}

  static async open(url: string, headers: Record<string, string>): Promise<EventStream> {
    const abort = new AbortController()
    const response = await fetch(url, { headers, signal: abort.signal })
    const stream = new EventStream(response)
    stream.abort.signal.addEventListener('abort', () => abort.abort())
    void stream.read()
    return stream
  }

  get lastEventId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id
  }

  /** The events of these names, once there are that many. */
  async first(count: number, ...names: string[]): Promise<ServerSentEvent[]> {
    return until(async () => {
      const found = this.events.filter(({ event }) => names.length === 0 || names.includes(event!))
      if (found.length < count) throw new Error(`${found.length} of ${count} events ${names.join()}`)
      return found
    })
  }

  /** When all existing ones have come. */
  async caughtUp(): Promise<void> {
    await until(async () => {
      if (!this.comments.some((text) => text.includes('changes follow'))) throw new Error('still the existing ones')
    }, 60_000)
  }

  close(): void {
    this.abort.abort()
  }

  private async read(): Promise<void> {
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of this.response.body!) {
        text += decoder.decode(chunk, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) this.take(block)
      }
    } catch {
      // The connection broke, or `close` was called.
    }
    this.hasEnded = true
  }

  private take(block: string): void {
    const fields: Record<string, string> = {}
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments.push(line.slice(1).trim())
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? []
      if (name) fields[name] = value!
    }
    if (fields.data) this.events.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data) })
  }
}
