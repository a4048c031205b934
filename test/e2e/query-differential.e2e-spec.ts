import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXPORT_READERS } from './support/export-readers.js'
import { answerOf, exactRows, todayIn, type OracleQuestion } from './support/query-oracle.js'
import { QUERY_WORLDS } from './support/query-worlds.js'
import { RandomQuestions } from './support/random-questions.js'
import { SeededRandom } from '../src/generator/random.js'
import { startServer, type TestServer } from './support/server.js'

// QUERY_SEED=n repeats a run on the same day; QUERY_COUNT=n asks more.
const seed = Number(process.env.QUERY_SEED ?? Math.floor(Math.random() * 1e9))
const count = Number(process.env.QUERY_COUNT ?? 200)
console.log(`random questions: QUERY_SEED=${seed}`)
for (const { name, isThere } of QUERY_WORLDS) if (!isThere) console.log(`skipped: ${name} is not here`)

describe.each(QUERY_WORLDS.filter(({ isThere }) => isThere))(
  'random questions about $name give what an independent recomputation gives',
  ({ env, share, make }) => {
    const random = new SeededRandom(seed)
    const { rows, files } = make(random)
    const questions = new RandomQuestions(random, rows)
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

    async function ask(question: OracleQuestion, accept: string): Promise<Buffer> {
      const response = await server.fetch('/v1/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify(question),
      })
      const body = Buffer.from(await response.arrayBuffer())
      expect(response.status, `${JSON.stringify(question)}\n${body.toString('utf8', 0, 1000)}`).toBe(200)
      return body
    }

    /** The answer, and the one that is right: on the day that it was asked, which must not end meanwhile. */
    async function compared(question: OracleQuestion, accept: string, more: Partial<OracleQuestion> = {}) {
      for (;;) {
        const today = todayIn(question)
        const body = await ask(question, accept)
        if (todayIn(question) === today) {
          return { body, expected: answerOf({ ...question, ...more }, rows, today) }
        }
      }
    }

    it(`as JSON, cached or not (${asked} questions)`, async () => {
      for (let number = 0; number < asked; number++) {
        const question = questions.next()
        for (let again = 0; again < (number % 4 === 0 ? 2 : 1); again++) {
          const { body, expected } = await compared(question, 'application/json')
          const { columns, page, query } = JSON.parse(body.toString())
          const got = exactRows(body.toString())
          const context = `seed ${seed}, question ${number}: ${JSON.stringify(question)}`
          expect(
            got.map(({ values }) => values),
            context,
          ).toEqual(expected.data)
          const names = columns.map(({ name }: { name: string }) => name)
          for (const row of got) expect(row.columns, context).toEqual(names)
          expect(page, context).toMatchObject({ returned: got.length, total: question.total ? expected.total : null })
          if (again) expect(query.cached, context).toBe(true)
        }
      }
    })

    it.each(Object.entries(EXPORT_READERS))('as %s, without a limit unless there is one', async (accept, read) => {
      for (let number = 0; number < asked / 10; number++) {
        const question = questions.next()
        const { body, expected } = await compared(question, accept, { limit: question.limit ?? Infinity })
        const rightRows = accept === 'text/csv' ? expected.data.map((line) => line.map(csvText)) : expected.data
        expect(await read(body), `seed ${seed}, export ${number}: ${JSON.stringify(question)}`).toEqual(rightRows)
      }
    })
  },
)

/** `#` marks exact numbers; there are products whose names begin with it. */
function csvText(value: string | null): string {
  return value === null ? '' : value.replace(/^#(?=-?[\d.]+$)/, '')
}
