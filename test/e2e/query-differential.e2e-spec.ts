import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXPORT_READERS } from '../support/export-readers.js'
import { answerOf, exactRows, todayIn, type OracleQuery } from '../support/query-oracle.js'
import { QUERY_FIXTURES } from '../support/query-fixtures.js'
import { RandomQueries } from '../support/random-queries.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { startServer, type TestServer } from '../support/server.js'

// QUERY_SEED=n repeats a run on the same day; QUERY_COUNT=n asks more.
const seed = Number(process.env.QUERY_SEED ?? Math.floor(Math.random() * 1e9))
const count = Number(process.env.QUERY_COUNT ?? 200)
console.log(`random queries: QUERY_SEED=${seed}`)

describe.each(QUERY_FIXTURES)(
  'random queries about $name give what an independent recomputation gives',
  ({ env, share, make }) => {
    const random = new SeededRandom(seed)
    const { rows, files } = make(random)
    const queries = new RandomQueries(random, rows)
    const asked = Math.ceil(count * share)
    let server: TestServer

    beforeAll(async () => {
      server = await startServer({ env: { QUERY_COST_CREDITS: '0', ...env } })
      for (const file of files) await load(file)
    })
    afterAll(() => server?.stop())

    async function load({ csv, mapping }: { csv: string; mapping?: object }): Promise<void> {
      const options = mapping ? `&mapping=${encodeURIComponent(JSON.stringify(mapping))}` : ''
      const response = await server.fetch(`/v1/ingestions?wait=true&format=csv${options}`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: csv,
      })
      const job = await response.json()
      expect(job, JSON.stringify(job)).toMatchObject({ status: 'succeeded', rowsAccepted: rows.length })
    }

    async function execute(query: OracleQuery, accept: string): Promise<Buffer> {
      const response = await server.fetch('/v1/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify(query),
      })
      const body = Buffer.from(await response.arrayBuffer())
      expect(response.status, `${JSON.stringify(query)}\n${body.toString('utf8', 0, 1000)}`).toBe(200)
      return body
    }

    /** The answer, and the one that is right: on the day that it was asked, which must not end meanwhile. */
    async function compared(query: OracleQuery, accept: string, more: Partial<OracleQuery> = {}) {
      for (;;) {
        const today = todayIn(query)
        const body = await execute(query, accept)
        if (todayIn(query) === today) {
          return { body, expected: answerOf({ ...query, ...more }, rows, today) }
        }
      }
    }

    it(`as JSON, cached or not (${asked} queries)`, async () => {
      for (let number = 0; number < asked; number++) {
        const query = queries.next()
        for (let again = 0; again < (number % 4 === 0 ? 2 : 1); again++) {
          const { body, expected } = await compared(query, 'application/json')
          const { columns, page, query: facts } = JSON.parse(body.toString())
          const got = exactRows(body.toString())
          const context = `seed ${seed}, query ${number}: ${JSON.stringify(query)}`
          expect(
            got.map(({ values }) => values),
            context,
          ).toEqual(expected.data)
          const names = columns.map(({ name }: { name: string }) => name)
          for (const row of got) expect(row.columns, context).toEqual(names)
          expect(page, context).toMatchObject({ returned: got.length, total: query.total ? expected.total : null })
          if (again) expect(facts.cached, context).toBe(true)
        }
      }
    })

    it.each(Object.entries(EXPORT_READERS))('as %s, without a limit unless there is one', async (accept, read) => {
      for (let number = 0; number < asked / 10; number++) {
        const query = queries.next()
        const { body, expected } = await compared(query, accept, { limit: query.limit ?? Infinity })
        const rightRows = accept === 'text/csv' ? expected.data.map((line) => line.map(csvText)) : expected.data
        expect(await read(body), `seed ${seed}, export ${number}: ${JSON.stringify(query)}`).toEqual(rightRows)
      }
    })
  },
)

/** `#` marks exact numbers; there are products whose names begin with it. */
function csvText(value: string | null): string {
  return value === null ? '' : value.replace(/^#(?=-?[\d.]+$)/, '')
}
