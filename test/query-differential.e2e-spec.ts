import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, exactRows, type OracleQuestion } from './support/query-oracle.js'
import { RandomQuestions } from './support/random-questions.js'
import { randomTransactions, toCsv, type Transaction } from './support/random-transactions.js'
import { SeededRandom } from './support/seeded-random.js'
import { startServer, type TestServer } from './support/server.js'

// QUERY_SEED=n repeats a run; QUERY_COUNT=n asks more.
const seed = Number(process.env.QUERY_SEED ?? Math.floor(Math.random() * 1e9))
const count = Number(process.env.QUERY_COUNT ?? 400)
const random = new SeededRandom(seed)
console.log(`random questions: QUERY_SEED=${seed}`)

describe('random questions give what an independent recomputation gives', () => {
  const rows: Transaction[] = randomTransactions(random, 600)
  const questions = new RandomQuestions(random, rows)
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ env: { QUERY_COST_CREDITS: '0' } })
    // Every row first with other values: the file that is loaded later replaces it.
    for (const file of [rows.map(outdated), rows]) await load(file)
  })
  afterAll(() => server?.stop())

  async function load(file: Transaction[]): Promise<void> {
    const response = await server.fetch('/v1/ingestions?wait=true&format=csv', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: toCsv(file),
    })
    const job = await response.json()
    expect(job, JSON.stringify(job)).toMatchObject({ status: 'succeeded', rowsAccepted: rows.length, rowsRejected: 0 })
  }

  async function ask(question: OracleQuestion, accept: string): Promise<string> {
    const response = await server.fetch('/v1/query', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(question),
    })
    const text = await response.text()
    expect(response.status, `${JSON.stringify(question)}\n${text.slice(0, 1000)}`).toBe(200)
    return text
  }

  it(`as JSON, cached or not (${count} questions)`, async () => {
    for (let number = 0; number < count; number++) {
      const question = questions.next()
      const expected = answerOf(question, rows)
      for (let again = 0; again < (number % 4 === 0 ? 2 : 1); again++) {
        const text = await ask(question, 'application/json')
        const { columns, page, query } = JSON.parse(text)
        const got = exactRows(text)
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

  it('as CSV and NDJSON, without a limit unless there is one', async () => {
    for (let number = 0; number < count / 10; number++) {
      const question = { ...questions.next(), total: undefined }
      const expected = answerOf({ ...question, limit: question.limit ?? Infinity }, rows).data
      const context = `seed ${seed}, export ${number}: ${JSON.stringify(question)}`
      const ndjson = await ask(question, 'application/x-ndjson')
      const lines = exactRows(`{"data":[${ndjson.split('\n').filter(Boolean).join(',')}]}`)
      expect(
        lines.map(({ values }) => values),
        context,
      ).toEqual(expected)
      const csv = Papa.parse<string[]>((await ask(question, 'text/csv')).replace(/\n$/, ''), {
        newline: '\n',
      }).data.slice(1)
      expect(csv, context).toEqual(expected.map((line) => line.map((value) => csvText(value))))
    }
  })
})

/** The same key with everything else different. */
function outdated(row: Transaction): Transaction {
  return { ...row, country: 'Nowhere', quantity: 1n, price: 10_000n, total_price: 10_000n, added_date: '2001-01-01' }
}

function csvText(value: string | null): string {
  return value === null ? '' : value.replace(/^#/, '')
}
