import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect } from 'vitest'

export interface ReceivedWebhook {
  path: string
  headers: IncomingHttpHeaders
  body: string
  json: any
}

/** A real receiver; how it answers is decided by path. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = []
  readonly answers = new Map<string, (response: ServerResponse, count: number) => void>()
  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer()
    const receiver = new WebhookReceiver(server)
    server.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const path = request.url!
        receiver.received.push({ path, headers: request.headers, body, json: JSON.parse(body || 'null') })
        const answer = receiver.answers.get(path)
        if (answer) answer(response, receiver.at(path).length)
        else response.end()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return receiver
  }

  url(path: string, host = '127.0.0.1'): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}${path}`
  }

  at(path: string): ReceivedWebhook[] {
    return this.received.filter((each) => each.path === path)
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}

/** What the reference library of Standard Webhooks takes for genuine with this secret; throws for all else. */
export function verified({ headers, body }: ReceivedWebhook, secret: string): any {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

/** A low-balance alert that is signed with this secret, just now. */
export function expectSigned({ headers, body }: ReceivedWebhook, secret: string): void {
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-countinghouse-signature']))!
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60)
  expect(signature).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'))
}
