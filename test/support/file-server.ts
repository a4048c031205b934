import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Asked {
  path: string
  headers: IncomingHttpHeaders
}

/** A server of files; how it responds is decided by path, with 404 where nothing is. */
export class FileServer {
  readonly asked: Asked[] = []
  readonly responses = new Map<string, (response: ServerResponse, asked: Asked) => void>()
  private constructor(private readonly server: Server) {}

  static async start(): Promise<FileServer> {
    const server = createServer()
    const files = new FileServer(server)
    server.on('request', ({ url, headers }, response) => {
      const asked = { path: url!, headers }
      files.asked.push(asked)
      const respond = files.responses.get(url!.split('?')[0]!)
      if (respond) respond(response, asked)
      else response.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return files
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  url(path: string, host = '127.0.0.1'): string {
    return `http://${host}:${this.port}${path}`
  }

  /** A file that is served with these headers. */
  put(path: string, body: string, headers: Record<string, string> = {}): void {
    this.responses.set(path, (response) => response.writeHead(200, headers).end(body))
  }

  /** A file with an ETag, as web servers have it. */
  putTagged(path: string, body: string, etag: string): void {
    this.responses.set(path, (response, asked) => {
      const isSame = asked.headers['if-none-match'] === etag
      response.writeHead(isSame ? 304 : 200, { etag }).end(isSame ? undefined : body)
    })
  }

  redirect(path: string, location: string): void {
    this.responses.set(path, (response) => response.writeHead(302, { location }).end())
  }

  at(path: string): Asked[] {
    return this.asked.filter((each) => each.path.split('?')[0] === path)
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}
