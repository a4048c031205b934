import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'
import { ReplicaSet } from './support/replica-set.js'
import { ClusterStage } from './support/stage.js'

const COLUMNS = [
  { name: 'line', type: 'integer', required: true },
  { name: 'shop', type: 'text', lowCardinality: true },
  { name: 'at', type: 'timestamp' },
  { name: 'amount', type: 'decimal', scale: 2 },
]
const MEASURES = [{ name: 'revenue', type: 'sum', column: 'amount' }]

describe.skipIf(!ReplicaSet.canRun('A cluster of ClickHouse'))('a declared dataset on a cluster', () => {
  let stage: ClusterStage
  let server: TestServer

  beforeAll(async () => {
    stage = await ClusterStage.start()
    server = await stage.server()
  })
  afterAll(() => stage?.stop())

  const declare = async (name: string, key?: string[]): Promise<void> => {
    const { status, body } = await server.json('POST', '/v1/admin/datasets', {
      name,
      columns: COLUMNS,
      measures: MEASURES,
      key,
    })
    expect(status, JSON.stringify(body)).toBe(201)
  }
  const load = async (dataset: string, lines: string[], header = 'line,shop,at,amount') =>
    (await upload(server, [header, ...lines, ''].join('\n'), { dataset, format: 'csv', force: 'true' })).body
  const lines = (count: number, amount: string, first = 0): string[] =>
    Array.from({ length: count }, (_, at) => `${first + at},Rome,2024-03-05T10:00:00Z,${amount}`)
  const totals = async (dataset: string) =>
    (await server.json('POST', '/v1/query', { dataset, measures: ['rows', 'revenue'] })).body.data[0]

  /** What each replica shows by itself, of its shard. */
  const onReplicas = async (dataset: string): Promise<string[]> => {
    const table = `(SELECT name FROM system.tables WHERE match(name, '^dataset_[0-9]+_${dataset}_local$'))`
    const name = await stage.set.query(stage.set.nodes[0]!, `SELECT * FROM ${table}`)
    const sql = `SELECT getMacro('shard'), count(), sum(amount) FROM ${name} FINAL`
    const rows = await Promise.all(stage.set.nodes.map((node) => stage.set.query(node, sql)))
    return [...new Set(rows)].sort()
  }

  it.each<[string, string[] | undefined]>([
    ['keyed', ['line']],
    ['keyless', undefined],
  ])('that is %s loads, counts and takes out on every replica', async (name, key) => {
    await declare(name, key)
    expect(await load(name, [...lines(3_000, '1.25'), 'x,,,'])).toMatchObject({ rowsAccepted: 3_000, rowsRejected: 1 })
    const second = await load(name, lines(1_000, '2.00', 2_500))
    const [rows, revenue] = key ? [3_500, 5_125] : [4_000, 5_750]
    expect(await totals(name)).toEqual({ rows, revenue })
    await until(async () => {
      const shown = await onReplicas(name)
      expect(shown).toHaveLength(2)
      expect(shown.map((row) => Number(row.split('\t')[1])).reduce((sum, each) => sum + each)).toBe(rows)
    })
    expect((await server.json('DELETE', `/v1/ingestions/${second.id}`)).body).toMatchObject({ rowsDeleted: 1_000 })
    expect(await totals(name)).toEqual(key ? { rows: 2_500, revenue: 3_125 } : { rows: 3_000, revenue: 3_750 })
  })

  it('gets a column on every node, and is gone from all of them when it is dropped', async () => {
    const added = { addColumns: [{ name: 'note', type: 'text' }] }
    expect((await server.json('PATCH', '/v1/admin/datasets/keyless', added)).status).toBe(200)
    const more = await load('keyless', ['1,Rome,2024-03-05,1,hello'], 'line,shop,at,amount,note')
    expect(more).toMatchObject({ rowsAccepted: 1 })
    const asked = { dataset: 'keyless', measures: ['rows'], dimensions: ['note'] }
    expect((await server.json('POST', '/v1/query', asked)).body.data).toEqual([
      { note: '', rows: 3_000 },
      { note: 'hello', rows: 1 },
    ])
    expect((await server.json('DELETE', '/v1/admin/datasets/keyless?confirm=keyless')).status).toBe(204)
    const sql = `SELECT count() FROM system.tables WHERE name LIKE 'dataset_%keyless%'`
    for (const node of stage.set.nodes) await until(async () => expect(await stage.set.query(node, sql)).toBe('0'))
  })
})
