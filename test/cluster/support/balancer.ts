import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Hands connections to the ports in turn, and to the next one where nobody listens. */
export class Balancer {
  private readonly sockets = new Map<Socket, number | undefined>()
  private readonly leftOut = new Set<number>()
  private turn = 0

  private constructor(
    private readonly server: Server,
    private readonly ports: number[],
  ) {}

  static async start(ports: number[]): Promise<Balancer> {
    const server = createServer()
    const balancer = new Balancer(server, ports)
    server.on('connection', (client) => balancer.serve(client))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return balancer
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets.keys()) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  /** What a balancer does with a node that fails its health checks: ends its connections and opens no others. */
  leaveOut(port: number): void {
    this.leftOut.add(port)
    for (const [socket, of] of this.sockets) if (of === port) socket.destroy()
  }

  takeIn(port: number): void {
    this.leftOut.delete(port)
  }

  private serve(client: Socket, tried = 0): void {
    this.keep(client)
    if (tried === this.ports.length) return void client.destroy()
    const port = this.ports[this.turn++ % this.ports.length]!
    if (this.leftOut.has(port)) return this.serve(client, tried + 1)
    const node = connect(port, '127.0.0.1')
    this.keep(node, port)
    const refused = (): void => this.serve(client, tried + 1)
    node.once('error', refused)
    node.once('connect', () => {
      node.off('error', refused)
      node.on('close', () => client.destroy())
      client.on('close', () => node.destroy())
      client.pipe(node).pipe(client)
    })
  }

  private keep(socket: Socket, port?: number): void {
    if (this.sockets.has(socket)) return
    this.sockets.set(socket, port)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => undefined)
  }
}
