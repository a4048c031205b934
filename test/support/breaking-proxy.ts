import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** When a connection is cut: after so many bytes of an upload, or when the answer to an upload comes. */
export type Fault = { uploadedBytes: number } | 'answer'

/** Passes connections on to a server, and cuts one for each fault that was asked for. */
export class BreakingProxy {
  private readonly faults: Fault[] = []

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private target: string,
  ) {}

  static async before(target: string): Promise<BreakingProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new BreakingProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, target)
    server.on('connection', (client) => proxy.pass(client))
    return proxy
  }

  breakNext(...faults: Fault[]): void {
    this.faults.push(...faults)
  }

  /** Where new connections go from now on. */
  moveTo(target: string): void {
    this.target = target
  }

  async close(): Promise<void> {
    this.server.close()
    await once(this.server, 'close')
  }

  private pass(client: Socket): void {
    const upstream = connect(Number(new URL(this.target).port), '127.0.0.1')
    const cut = (): void => {
      this.faults.shift()
      client.resetAndDestroy()
      upstream.destroy()
    }
    let isUpload: boolean | undefined
    let bytes = 0
    client.on('data', (data: Buffer) => {
      isUpload ??= data.toString('latin1').startsWith('POST')
      bytes += data.length
      const [fault] = this.faults
      if (isUpload && typeof fault === 'object' && bytes > fault.uploadedBytes) cut()
      else upstream.write(data)
    })
    upstream.on('data', (data: Buffer) => {
      if (isUpload && this.faults[0] === 'answer') cut()
      else client.write(data)
    })
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.end())
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  }
}
