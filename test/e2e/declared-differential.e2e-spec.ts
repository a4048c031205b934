import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as answers from '../support/declared-answers.js'
import { fileOf, LoadedRows } from '../support/declared-files.js'
import { DECLARED_FIXTURES, randomRows, type DeclaredFixture, type Row } from '../support/declared-fixtures.js'
import { randomMeasures } from '../support/declared-measures.js'
import { OracleMembers } from '../support/declared-members.js'
import { declaredAnswer, type OracleColumn } from '../support/declared-oracle.js'
import { DeclaredQueries } from '../support/declared-queries.js'
import type { Cell } from '../support/declared-values.js'
import { VALUE_FORMATS, type ValueFormat } from '../support/exact-values.js'
import type { OracleQuery } from '../support/query-oracle.js'
import { startServer, type TestServer } from '../support/server.js'
import { rejectsOf, upload } from '../support/upload.js'
import { SeededRandom } from '../../tools/generator/random.js'

// SEED=n repeats a run on the same day; QUERY_COUNT=n asks more of each dataset.
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const count = Number(process.env.QUERY_COUNT ?? 60)
console.log(`random queries about declared datasets: SEED=${seed}`)

const ROWS_PER_LOAD = 120
let server: TestServer

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '1000000' } })
})
afterAll(() => server?.stop())

async function execute(query: OracleQuery, accept: string): Promise<Buffer> {
  const response = await server.fetch('/v1/query', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(query),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const cause = response.status === 200 ? '' : `${body.toString('utf8', 0, 1000)}\n${server.output().slice(-4_000)}`
  expect(response.status, `seed ${seed}, ${JSON.stringify(query)}\n${cause}`).toBe(200)
  return body
}

function expectRows(found: answers.Told[][], right: answers.Told[][], columns: OracleColumn[], context: string): void {
  expect(found.length, context).toBe(right.length)
  const same = right.map((row, at) =>
    row.map((value, of) => {
      const other = found[at]![of]
      return answers.isSame(other, value, columns[of]!) ? (other ?? null) : value
    }),
  )
  expect(found, context).toEqual(same)
}

describe.each(DECLARED_FIXTURES)('random queries about a dataset $what', (template) => {
  const random = new SeededRandom(seed)
  const { fixture, members, loads } = prepared(template, random)
  const loaded = new LoadedRows(fixture.declaration.key ?? [])
  let queries: DeclaredQueries

  beforeAll(async () => {
    const declared = await server.json('POST', '/v1/admin/datasets', fixture.declaration)
    expect(declared.status, JSON.stringify(declared.body)).toBe(201)
    const jobs = []
    for (const each of loads) jobs.push(await load(each))
    // It has replaced rows and has been replaced in part.
    const gone = jobs[1]!
    const deleted = await server.json('DELETE', `/v1/ingestions/${gone.id}`)
    expect(deleted.status, JSON.stringify(deleted.body)).toBe(200)
    loaded.delete(gone.number)
    queries = new DeclaredQueries(random, fixture, members, loaded.rows)
  })

  async function load({ rows, format }: { rows: Row[]; format: ValueFormat }): Promise<{ id: string; number: number }> {
    const file = fileOf(fixture, rows, format, random)
    const { body } = await upload(server, file, { dataset: fixture.declaration.name, format })
    const rejects = body.rowsRejected > 0 ? await rejectsOf(server, body.id) : []
    expect(body, `${format}: ${JSON.stringify({ body, rejects })}`).toMatchObject({
      status: 'succeeded',
      rowsAccepted: rows.length,
    })
    return { id: body.id, number: loaded.load(rows) }
  }

  /** Readers of Parquet know numbers of 38 digits, and an export of longer ones fails, also where they are on no page. */
  function fitsParquet(query: OracleQuery): boolean {
    const { data } = declaredAnswer({ ...query, limit: Infinity, offset: 0 }, loaded.rows, members)
    const isLong = (value: Cell) =>
      typeof value === 'object' &&
      value !== null &&
      'units' in value &&
      String(value.units).replace('-', '').length > 38
    return !data.flat().some(isLong)
  }

  it('as JSON, cached or not', async () => {
    for (let number = 0; number < count; number++) {
      const query = queries.next()
      const right = declaredAnswer(query, loaded.rows, members)
      for (const again of [false, true]) {
        const answer = answers.jsonAnswer(await execute(query, 'application/json'))
        const context = `seed ${seed}, query ${number}${again ? ' again' : ''}: ${JSON.stringify(query)}`
        const columns = right.columns.map(({ name, type }) => ({ name, type }))
        expect(answer.columns, context).toEqual(columns)
        const found = answers.toldOfJson(answer.data, right.columns)
        expectRows(
          found,
          right.data.map((row) => row.map(answers.told)),
          right.columns,
          context,
        )
        const numeral = (value: number) => ({ text: String(value) })
        expect(answer.page, context).toMatchObject({
          ...{ returned: numeral(found.length), total: query.total ? numeral(right.total) : null },
        })
        if (again) expect(answer.query.cached, context).toBe(true)
      }
    }
  })

  it.each([
    ['text/csv', answers.toldOfCsv, answers.toldInCsv, 6],
    ['application/x-ndjson', answers.toldOfNdjson, answers.told, 6],
    ['application/vnd.apache.parquet', answers.toldOfParquet, answers.told, 12],
  ] as const)('as %s, without a limit unless there is one', async (accept, read, tell, share) => {
    for (let number = 0; number < count / share; number++) {
      const query = queries.next()
      const right = declaredAnswer({ ...query, limit: query.limit ?? Infinity }, loaded.rows, members)
      if (accept.endsWith('parquet') && !fitsParquet(query)) continue
      const found = await read(await execute(query, accept), right.columns)
      const context = `seed ${seed}, export ${number}: ${JSON.stringify(query)}`
      expectRows(
        found,
        right.data.map((row) => row.map(tell)),
        right.columns,
        context,
      )
    }
  })
})

/** The fixture with measures, and files in every format, of which one is deleted again. */
function prepared(template: DeclaredFixture, random: SeededRandom) {
  const rough = Object.entries(template.kinds).flatMap(([name, kind]) => (kind === 'any magnitude' ? [name] : []))
  const formats = random.some(VALUE_FORMATS, 4, 4)
  const loads = formats.map((format) => ({ format, rows: randomRows(template, random, ROWS_PER_LOAD) }))
  const own = new OracleMembers(template.declaration, rough)
  const more = randomMeasures(own, loads[0]!.rows, random)
  const declaration = { ...template.declaration, measures: [...template.declaration.measures, ...more] }
  return { fixture: { ...template, declaration }, members: new OracleMembers(declaration, rough), loads }
}
