import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands before ClickHouse, counts the statements that carry a text as a parameter, and can hold them up. */
export class ClickHouseSpy {
  private readonly seen: string[] = []
  private heldText = 'param_'
  private gate: Promise<void> = Promise.resolve()
  private open: () => void = () => undefined

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    readonly url: string,
  ) {}

  static async before(clickhouseUrl: string): Promise<ClickHouseSpy> {
    // Parameters travel in the URL.
    const server = createServer({ maxHeaderSize: 1024 * 1024 }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new URL(clickhouseUrl)
    const target = new URL(clickhouseUrl)
    url.port = String((server.address() as AddressInfo).port)
    const engine = new ClickHouseSpy(server, target, url.href)
    server.on('request', (incoming, outgoing) => void engine.pass(incoming, outgoing))
    return engine
  }

  /** How many statements had the text, letters and dashes only, as a value. */
  count(text: string): number {
    return this.seen.filter((url) => url.includes(text)).length
  }

  /** Statements of queries wait until `release`. */
  hold(): void {
    this.holdAll('param_')
  }

  /** Inserts of events wait until `release`. */
  holdInserts(): void {
    this.holdAll('insert_deduplication_token')
  }

  private holdAll(text: string): void {
    this.heldText = text
    this.gate = new Promise((open) => (this.open = open))
  }

  release(): void {
    this.open()
  }

  /** Breaks every connection, as an engine does that dies. */
  breakConnections(): void {
    this.server.closeAllConnections()
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.seen.push(incoming.url!)
    if (incoming.url!.includes(this.heldText)) await this.gate
    const { hostname: host, port } = this.target
    const { method, headers, url: path } = incoming
    const upstream = request({ host, port, method, headers, path }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    upstream.on('error', () => outgoing.destroy())
    outgoing.on('close', () => upstream.destroy())
    incoming.pipe(upstream)
  }
}
