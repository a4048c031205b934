import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../src/generator/random.js'
import { transactionsCsv } from '../src/generator/transactions-generator.js'
import { Customer } from './support/customer.js'
import { startServer, type TestServer } from './support/server.js'

const ROUNDS = 10
const ROWS = 60_000
const BAD_EVERY = 1_000

const ENV = {
  RATE_LIMIT_PER_MINUTE: '100000',
  INGESTION_CHUNK_BYTES: String(256 * 1024),
  INGESTION_LEASE_SECONDS: '1',
}

/** A generated file with known bad rows, and its figures computed here, in whole cents. */
function fileOf(round: number): {
  text: string
  category: string
  rows: number
  bad: number
  cents: bigint
  items: bigint
} {
  const category = `Round ${round}`
  let cents = 0n
  let items = 0n
  let bad = 0
  const lines = [...transactionsCsv({ rows: ROWS, seed: round })].join('').trimEnd().split('\n')
  const records = lines.slice(1).map((line, at) => {
    const end = line.lastIndexOf(',', line.lastIndexOf(',') - 1)
    const [price, quantity, total] = line.slice(0, end).split(',').slice(-3) as [string, string, string]
    const head = line.slice(0, end).split(',').slice(0, -4).join(',')
    if (at % BAD_EVERY === 7) {
      bad++
      return `R${round}-${head},${category},${price},some,${total},1,2023-01-01`
    }
    cents += BigInt(total.replace('.', ''))
    items += BigInt(quantity)
    return `R${round}-${head},${category},${price},${quantity},${total},1,2023-01-01`
  })
  return { text: [lines[0], ...records].join('\n'), category, rows: ROWS, bad, cents, items }
}

describe('kill -9 while a file is being loaded', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  let server: TestServer

  beforeAll(async () => {
    console.log(`kill -9 moments: SEED=${seed}`)
    server = await startServer({ env: ENV })
  })
  afterAll(async () => {
    await server.stop()
  })

  it(`loses nothing and doubles nothing, ${ROUNDS} times out of ${ROUNDS}`, async () => {
    const customer = await Customer.create(server, 1_000)
    for (let round = 1; round <= ROUNDS; round++) {
      const file = fileOf(round)
      const response = await server.fetch('/v1/ingestions', {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: file.text,
      })
      const { id } = (await response.json()) as { id: string }
      expect(response.status).toBe(202)
      await new Promise((done) => setTimeout(done, random() * 1_500))
      const before = (await server.json('GET', `/v1/ingestions/${id}`)).body
      await server.kill()
      server = await startServer({ env: ENV, dataDir: server.dataDir, rootKey: server.rootKey })
      customer.moveTo(server)

      const job = await ended(server, id)
      console.log(`round ${round}: killed at ${before.status}, ${before.rowsRead} of ${ROWS} rows`)
      expect(job).toMatchObject({
        status: 'succeeded',
        rowsRead: file.rows,
        rowsAccepted: file.rows - file.bad,
        rowsRejected: file.bad,
      })
      const { data } = await customer.ask({
        measures: ['transactions', 'revenue', 'items_sold'],
        filters: [{ member: 'category', operator: 'equals', values: [file.category] }],
      })
      expect(data[0].transactions).toBe(file.rows - file.bad)
      expect(BigInt(Math.round(data[0].revenue * 100))).toBe(file.cents)
      expect(BigInt(data[0].items_sold)).toBe(file.items)
      const rejects = (await server.json('GET', `/v1/ingestions/${id}/rejects?limit=500`)).body
      expect(rejects.data.map(({ row }: { row: number }) => row)).toEqual(
        Array.from({ length: file.bad }, (_, at) => at * BAD_EVERY + 8),
      )
    }
  }, 300_000)
})

async function ended(server: TestServer, id: string): Promise<any> {
  for (;;) {
    const { body } = await server.json('GET', `/v1/ingestions/${id}`)
    if (!['queued', 'running'].includes(body.status)) return body
    await new Promise((done) => setTimeout(done, 100))
  }
}
