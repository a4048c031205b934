import autocannon from 'autocannon'
import { createClient } from '@clickhouse/client'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sampleEvents } from '../tools/generator/events-generator.js'
import { EVENT_COLUMNS, EVENT_FORMAT } from '../src/events/event-row.js'
import { readEvent, InvalidEvent } from '../src/events/event-reader.js'
import { benchEventLatency } from './events-latency.js'
import { count, median, onStage, type Stage } from './support.js'

const CONNECTIONS = 64
const BATCH = 1_000
/** The engine and the API each get their best number of batches in flight out of these. */
const BATCHES_IN_FLIGHT = [1, 4, 8]
const ANSWER = JSON.stringify({ status: 'data received', id: '01a1fd86-ba46-7073-965e-be88bd0ee23c' })

/**
 * Acknowledged, so durable, events per second: single posts beside a bare Fastify route that answers as much, and batches
 * of 1,000 beside the engine's own insert of the same rows in the same batches. What is compared takes turns. Then how
 * long an event takes from its acknowledgement to a WebSocket client.
 */
export async function benchEvents({ seconds, rounds }: { seconds: number; rounds: number }): Promise<void> {
  await onStage({ LOG_LEVEL: 'error' }, async (stage) => {
    console.log(`${CONNECTIONS} connections for single posts, ${seconds} s each, ${rounds} rounds\n`)
    const bare = await startBareRoute(stage)
    const results = { bare: [] as number[], single: [] as number[], engine: [] as number[], batch: [] as number[] }
    await post('warming up', `${stage.api.url}/api/ingest`, stage, singles(), 1, CONNECTIONS)
    for (let round = 0; round < rounds; round++) {
      results.bare.push(await post('bare Fastify route', bare.url, stage, singles(), seconds, CONNECTIONS))
      const url = `${stage.api.url}/api/ingest`
      results.single.push(await post('single posts', url, stage, singles(), seconds, CONNECTIONS))
    }
    bare.process.kill()
    for (let round = 0; round < rounds; round++) {
      for (const inFlight of BATCHES_IN_FLIGHT) {
        const url = `${stage.api.url}/api/ingest/batch`
        results.engine.push(await intoEngine(stage, inFlight, seconds))
        const title = `batches of 1,000, ${inFlight} in flight`
        results.batch.push(BATCH * (await post(title, url, stage, batches(), seconds, inFlight, BATCH)))
      }
    }
    await expectAllStored(stage)
    console.log(`\nsingle posts / bare Fastify route  ${ratio(results.single, results.bare)}   (target 0.35)`)
    for (const [index, inFlight] of BATCHES_IN_FLIGHT.entries()) {
      const of = (list: number[]) => list.filter((_, at) => at % BATCHES_IN_FLIGHT.length === index)
      console.log(
        `batches / engine, ${inFlight} in flight      ${ratio(of(results.batch), of(results.engine))}   (target 0.5)`,
      )
    }
    await benchEventLatency(stage, seconds)
  })
}

let acknowledged = 0
let insertedByEngine = 0

function ratio(ours: number[], theirs: number[]): string {
  return (median(ours) / median(theirs)).toFixed(2)
}

/** Bodies are made before the clock starts. */
function singles(): string[] {
  const events = sampleEvents(1)
  return Array.from({ length: 5_000 }, () => JSON.stringify(events.next().value))
}

function batches(): string[] {
  const events = sampleEvents(2)
  return Array.from({ length: 50 }, () => JSON.stringify(Array.from({ length: BATCH }, () => events.next().value)))
}

/** Requests per second that were answered with 200. */
async function post(
  title: string,
  url: string,
  { api }: Stage,
  bodies: string[],
  seconds: number,
  connections: number,
  eventsPerRequest = 1,
): Promise<number> {
  let sent = 0
  const headers = { 'x-api-key': api.key, 'content-type': 'application/json' }
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [
      { setupRequest: (base) => ({ ...base, method: 'POST', headers, body: bodies[sent++ % bodies.length]! }) },
    ],
  })
  const failed = result.non2xx + result.errors
  if (failed > 0) throw new Error(`${title}: ${failed} of ${result.requests.total} requests failed`)
  if (url.startsWith(api.url)) acknowledged += result['2xx'] * eventsPerRequest
  const perSecond = result['2xx'] / result.duration
  line(title, perSecond * eventsPerRequest, `p50 ${result.latency.p50} ms, p99 ${result.latency.p99} ms`)
  return perSecond
}

/** The rows that the API would insert, in batches of the same size, by the client that it uses. */
async function intoEngine({ engines }: Stage, inFlight: number, seconds: number): Promise<number> {
  const client = createClient({ url: engines.clickhouseUrl, database: 'countinghouse', log: { level: 127 } })
  const bodies = batches().map(rowsOf)
  const start = performance.now()
  const end = start + seconds * 1000
  let done = 0
  const inserter = async (): Promise<void> => {
    while (performance.now() < end) {
      const values = Readable.from([bodies[done % bodies.length]!], { objectMode: false })
      const query = `INSERT INTO events (${EVENT_COLUMNS.map((name) => `\`${name}\``).join()}) FORMAT ${EVENT_FORMAT}`
      // The same batches come again: without tokens they would be taken for repetitions.
      const settings = { wait_end_of_query: 1, insert_deduplication_token: randomUUID() } as const
      const { stream } = await client.exec({ query, values, clickhouse_settings: settings })
      stream.resume()
      done++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, inserter))
  const perSecond = (done * BATCH) / ((performance.now() - start) / 1000)
  await client.close()
  insertedByEngine += done * BATCH
  line(`engine alone, ${inFlight} in flight`, perSecond, 'the same rows in the same batches')
  return perSecond
}

function rowsOf(body: string): Buffer {
  const rows = (JSON.parse(body) as unknown[]).map((event) => {
    const read = readEvent(event, Date.now())
    if (read instanceof InvalidEvent) throw new Error(read.problem.message)
    return read.row
  })
  return Buffer.from(rows.join(''))
}

/** What autocannon cut off at the end of a run was not acknowledged, and may be stored all the same. */
async function expectAllStored({ engines }: Stage): Promise<void> {
  const client = createClient({ url: engines.clickhouseUrl, database: 'countinghouse', log: { level: 127 } })
  const result = await client.query({ query: 'SELECT count() AS stored FROM events', format: 'JSONEachRow' })
  const [row] = await result.json<{ stored: string }>()
  await client.close()
  const stored = Number(row!.stored) - insertedByEngine
  if (stored < acknowledged) throw new Error(`${acknowledged} events were acknowledged and ${stored} are stored`)
  console.log(`\n${count(acknowledged)} events were acknowledged, ${count(stored)} are stored`)
}

async function startBareRoute({ folder }: Stage): Promise<{ url: string; process: ChildProcess }> {
  const path = join(folder, 'answer.json')
  await writeFile(path, ANSWER)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-route.js'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [address] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: address.toString().trim(), process: child }
}

function line(title: string, perSecond: number, note: string): void {
  console.log(`${title.padEnd(34)} ${count(perSecond).padStart(8)} /s   ${note}`)
}
