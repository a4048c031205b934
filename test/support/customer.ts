import type { TestServer } from './server.js'

let created = 0

/** A user with credits and a key, who executes queries. */
export class Customer {
  private constructor(
    private server: TestServer,
    readonly id: string,
    readonly key: string,
  ) {}

  static async create(server: TestServer, credits: number, more: Record<string, unknown> = {}): Promise<Customer> {
    const username = `customer-${process.pid}-${++created}`
    const { status, body } = await server.json('POST', '/v1/admin/create-user', { username, credits, ...more })
    if (status !== 201) throw new Error(`create-user answered ${status}: ${JSON.stringify(body)}`)
    return new Customer(server, body.user.id, body.apiKey)
  }

  /** The same customer on a server that was started again. */
  moveTo(server: TestServer): void {
    this.server = server
  }

  /** The raw answer to a query about transactions, whatever its status. */
  query(query: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Response> {
    return this.server.fetch('/v1/query', {
      method: 'POST',
      key: this.key,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ dataset: 'transactions', ...query }),
    })
  }

  /** The answer to a query that must succeed. */
  async execute(query: Record<string, unknown>): Promise<any> {
    const response = await this.query(query)
    const body = await response.json()
    if (response.status !== 200) throw new Error(`the query got ${response.status}: ${JSON.stringify(body)}`)
    return body
  }

  async credits(): Promise<number> {
    return (await this.server.json('GET', '/v1/me', undefined, this.key)).body.credits
  }
}
