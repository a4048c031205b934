import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code?: number; message?: string }
  attributes: Record<string, string | number | boolean>
  service: string
}

/** A collector that takes traces by OTLP over HTTP as JSON, and keeps them. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const receiver = new OtlpReceiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server)
    server.on('request', (request, response) => {
      void receiver.take(request).then(
        () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
        () => response.writeHead(400).end(),
      )
    })
    return receiver
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }

  private async take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url !== '/v1/traces') throw new Error(`nothing is received at ${request.url}`)
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString())
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = attributesOf(resource.attributes)['service.name'] as string
      for (const span of scopeSpans.flatMap(({ spans }: any) => spans))
        this.spans.push({ ...span, service, attributes: attributesOf(span.attributes) })
    }
  }
}

function attributesOf(list: any[] = []): ReceivedSpan['attributes'] {
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value as object)[0]]))
}
