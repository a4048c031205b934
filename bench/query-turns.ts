import type { ClickHouseClient } from '@clickhouse/client'
import { median, seconds, type Stage } from './support.js'

/** What the API asked the engine, by the API's own telling. */
interface DryRun {
  sql: string
  params: Record<string, unknown>
}

export interface BenchContext {
  stage: Stage
  engine: ClickHouseClient
  key: string
}

export async function createCustomer({ api }: Stage): Promise<string> {
  const response = await fetch(`${api.url}/v1/admin/create-user`, {
    method: 'POST',
    headers: { 'x-api-key': api.key, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'bench', credits: 1_000_000, rateLimitPerMinute: 1_000_000 }),
  })
  return ((await response.json()) as { apiKey: string }).apiKey
}

/** The ways take turns, so that what else the machine does meets all of them; the first round warms up. */
export async function takeTurns(context: BenchContext, query: object, rounds: number): Promise<Turns> {
  const dryRunOf = await dryRun(context, query)
  const plain = { ...dryRunOf, sql: dryRunOf.sql.replace(' FINAL\n', '\n') }
  const times = { api: [] as number[], engine: [] as number[], final: [] as number[] }
  for (let round = 0; round <= rounds; round++) {
    const took = {
      api: await seconds(() => queryApi(context, query)),
      engine: await seconds(() => queryClickHouse(context, plain)),
      final: await seconds(() => queryClickHouse(context, dryRunOf)),
    }
    if (round === 0) continue
    for (const way of ['api', 'engine', 'final'] as const) times[way].push(took[way] * 1000)
  }
  return { api: median(times.api), engine: median(times.engine), final: median(times.final) }
}

function post({ stage, key }: BenchContext, path: string, query: object, accept = 'application/json') {
  return fetch(`${stage.api.url}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', accept },
    body: JSON.stringify({ dataset: 'transactions', ...query }),
  })
}

export async function dryRun(context: BenchContext, query: object): Promise<DryRun> {
  return (await post(context, '/v1/query/dry-run', query)).json() as Promise<DryRun>
}

async function queryApi(context: BenchContext, query: object): Promise<void> {
  const response = await post(context, '/v1/query', query)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
}

async function queryClickHouse({ engine }: BenchContext, { sql, params }: DryRun): Promise<void> {
  const settings = { wait_end_of_query: 1, do_not_merge_across_partitions_select_final: 1 } as const
  const result = await engine.query({
    query: sql,
    query_params: params,
    format: 'JSONEachRow',
    clickhouse_settings: settings,
  })
  await result.text()
}

/** Milliseconds of one query, each way. */
export interface Turns {
  api: number
  engine: number
  final: number
}

/** `other`: milliseconds in PostgreSQL. */
export function printTurns(title: string, { api, engine, final }: Turns, other?: number): void {
  const isMet = api / engine <= 1.15 || api - engine <= 3
  const ratio = `${(api / engine).toFixed(2)} (+${(api - engine).toFixed(1)} ms)${isMet ? '' : ' MISSED'}`
  const columns = [api.toFixed(1).padStart(8), engine.toFixed(1).padStart(8), final.toFixed(1).padStart(10)]
  console.log(title.padEnd(46), ...columns, (other?.toFixed(0) ?? '-').padStart(10), `  ${ratio}`)
}
