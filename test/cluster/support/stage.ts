import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { PostgresClient } from '../../../src/infrastructure/database/postgres-client.js'
import { TestEngines } from '../../support/engines.js'
import { startServer, type TestServer } from '../../support/server.js'
import { startProgram, type TestProgram } from '../../support/program.js'
import { until } from '../../support/until.js'
import { ReplicaSet, type ClusterNode } from './replica-set.js'

const ROOT_KEY = `ch_${'R'.repeat(43)}`
/** What a replica may fetch of a table in a second, where replication is to lag. The limit for a whole server has no effect in a shimmed node. */
export const THROTTLED =
  '<merge_tree><max_replicated_fetches_network_bandwidth>2000000</max_replicated_fetches_network_bandwidth></merge_tree>'

/** A cluster of ClickHouse, PostgreSQL, and instances of the application on them. */
export class ClusterStage {
  private readonly servers: TestServer[] = []
  private readonly workers: TestProgram[] = []

  private constructor(
    readonly set: ReplicaSet,
    private readonly engines: TestEngines,
  ) {}

  static async start(options: { shards?: number; replicas?: number; moreXml?: string } = {}): Promise<ClusterStage> {
    const [set, engines] = await Promise.all([ReplicaSet.start(options), TestEngines.start()])
    return new ClusterStage(set, engines)
  }

  async server(env: Record<string, string> = {}): Promise<TestServer> {
    const server = await startServer({ rootKey: ROOT_KEY, env: { ...this.env, ...env } })
    this.servers.push(server)
    return server
  }

  worker(env: Record<string, string>): TestProgram {
    const worker = startProgram('worker', { DATA_DIR: this.engines.dataDir, ...this.env, ...env })
    this.workers.push(worker)
    return worker
  }

  get env(): Record<string, string> {
    return {
      POSTGRES_URL: this.engines.urls.POSTGRES_URL,
      ...this.set.env,
      ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex'),
      QUERY_COST_CREDITS: '0',
      QUERY_CACHE_TTL_SECONDS: '0',
      RATE_LIMIT_PER_MINUTE: '1000000',
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()))
    for (const server of this.servers) await server.stop()
    await this.engines.stop()
    await this.set.stop()
  }

  /** One statement in PostgreSQL. */
  async sql<Row>(text: string): Promise<Row[]> {
    const client = new PostgresClient({ connectionString: this.engines.urls.POSTGRES_URL })
    await client.connect()
    try {
      return (await client.query(text)).rows as Row[]
    } finally {
      await client.end()
    }
  }

  /** Rows and quantities that each living replica answers with, added up over the shards for each choice of replicas. */
  async standing(where = '1'): Promise<{ node: ClusterNode; rows: number; quantity: number }[]> {
    const sql = `SELECT count(), sum(quantity) FROM transactions_local FINAL WHERE ${where}`
    return Promise.all(
      this.set.living.map(async (node) => {
        const [rows, quantity] = (await this.set.query(node, sql)).split('\t').map(Number)
        return { node, rows: rows!, quantity: quantity! }
      }),
    )
  }

  /** They answer a query, and stand on each living replica as soon as it has caught up. */
  async expectEverywhere(server: TestServer, expected: { rows: number; quantity: number }): Promise<void> {
    expect(await totals(server)).toEqual({ status: 200, ...expected })
    await until(() => this.expectStanding(expected))
  }

  /** Each living replica of a shard has the same, and one of each shard together have these. */
  async expectStanding(expected: { rows: number; quantity: number }, where = '1'): Promise<void> {
    const standing = await this.standing(where)
    const sum = { rows: 0, quantity: 0 }
    for (const shard of new Set(this.set.nodes.map((node) => node.shard))) {
      const [first, ...others] = standing.filter(({ node }) => node.shard === shard)
      for (const { rows, quantity } of others)
        expect({ shard, rows, quantity }).toEqual({ shard, rows: first!.rows, quantity: first!.quantity })
      sum.rows += first!.rows
      sum.quantity += first!.quantity
    }
    expect(sum).toEqual(expected)
  }
}

/** A file of transactions; the keys from `first` on. Its prices hardly compress. */
export function transactions(rows: number, { first = 0, quantity = 1 } = {}): string {
  const lines = ['TransactionId,TransactionDate,Country,ProductId,ProductName,Price,Quantity']
  let state = 12_345 + first
  for (let at = first; at < first + rows; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const name = (state * 7_919).toString(36)
    lines.push(
      `T${at},2024-0${1 + (at % 9)}-05,France,P${state % 5_000},${name},${(state % 100_000) / 100},${quantity}`,
    )
  }
  return `${lines.join('\n')}\n`
}

export async function load(server: TestServer, body: string, query = ''): Promise<any> {
  const init = { method: 'POST', headers: { 'content-type': 'text/csv' }, body }
  return (await server.fetch(`/v1/ingestions?wait=true${query}`, init)).json()
}

/** Orders with an item of one piece each, on products and customers of their own. */
export async function orderTaker(server: TestServer, name = 'ada'): Promise<() => Promise<number>> {
  const created = async (path: string, body: object) => (await server.json('POST', path, body)).body
  const { id: categoryId } = await created('/v1/categories', { name: `Toys of ${name}` })
  const product = { name: 'Yo-yo', price: 2, categoryId, stockQuantity: 1_000 }
  const { id: productId } = await created('/v1/products', product)
  const { id: customerId } = await created('/v1/customers', { name, email: `${name}@example.com` })
  const order = { customerId, items: [{ productId, quantity: 1 }] }
  return async () => (await server.json('POST', '/v1/orders', order)).status
}

/** A batch of events of this source, each with a number of its own from `first` on. */
export async function sendEvents(
  server: TestServer,
  source: string,
  { first, count }: { first: number; count: number },
): Promise<number> {
  const timestamp = new Date().toISOString()
  const numbers = Array.from({ length: count }, (_unused, at) => first + at)
  const events = numbers.map((number) => ({ type: 'click', source, timestamp, values: { number } }))
  return (await server.json('POST', '/api/ingest/batch', events)).status
}

/** What the API answers: rows and items. */
export async function totals(server: TestServer): Promise<{ status: number; rows?: number; quantity?: number }> {
  const query = { dataset: 'transactions', measures: ['transactions', 'items_sold'] }
  const { status, body } = await server.json('POST', '/v1/query', query)
  const [row] = body.data ?? []
  return row ? { status, rows: row.transactions, quantity: row.items_sold } : { status }
}
