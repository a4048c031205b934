import { join } from 'node:path'
import { ReplicaSet } from '../test/cluster/support/replica-set.js'
import { QUERIES as ALL_QUERIES } from './analytics-queries.js'
import { upload } from './ingest-loads.js'
import { count, median, onStage, seconds, writeTransactions, type Stage } from './support.js'

const QUERIES = ALL_QUERIES.slice(0, 4)
const ENV = { RATE_LIMIT_PER_MINUTE: '1000000', QUERY_CACHE_TTL_SECONDS: '0', QUERY_COST_CREDITS: '0' }

interface Times {
  load: number
  queries: number[]
}

/** A load and four queries through the API: on the embedded node, and on two shards of two replicas on the same machine. */
export async function benchCluster({ rows, rounds }: { rows: number; rounds: number }): Promise<void> {
  if (!ReplicaSet.canRun('The cluster')) return
  const node = await measure(ENV, rows, rounds)
  const set = await ReplicaSet.start()
  try {
    print(rows, node, await measure({ ...ENV, ...set.env }, rows, rounds))
  } finally {
    await set.stop()
  }
}

async function measure(env: Record<string, string>, rows: number, rounds: number): Promise<Times> {
  let times!: Times
  await onStage(env, async (stage) => {
    const file = join(stage.folder, 'transactions.csv')
    await writeTransactions(file, rows)
    const load = await seconds(() => upload(stage, file))
    const queries: number[] = []
    for (const { query } of QUERIES) queries.push(await medianOf(rounds, () => execute(stage, query)))
    times = { load, queries }
  })
  return times
}

async function medianOf(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await seconds(work))
  return median(times)
}

async function execute({ api }: Stage, query: object): Promise<void> {
  const response = await fetch(`${api.url}/v1/query`, {
    method: 'POST',
    headers: { 'x-api-key': api.key, 'content-type': 'application/json' },
    body: JSON.stringify({ dataset: 'transactions', ...query }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
}

function print(rows: number, node: Times, cluster: Times): void {
  console.log(`${count(rows)} rows; 2 shards x 2 replicas share this machine with everything else\n`)
  const line = (what: string, one: number, four: number): void =>
    console.log(
      `${what.padEnd(45)} one node ${one.toFixed(3)} s   cluster ${four.toFixed(3)} s   ${(four / one).toFixed(1)}`,
    )
  line('load', node.load, cluster.load)
  for (const [at, { title }] of QUERIES.entries()) line(title, node.queries[at]!, cluster.queries[at]!)
}
