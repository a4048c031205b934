import { once } from 'node:events'
import { WebSocket } from 'ws'
import { sampleEvents } from '../tools/generator/events-generator.js'
import { quantile, sleep, type Stage } from './support.js'

const EVENTS_PER_SECOND = 5_000
const BATCH = 100
const REQUEST_EVERY_MS = (1000 * BATCH) / EVENTS_PER_SECOND
const LAST_FRAMES_MS = 2_000

interface Frame {
  type: string
  data: { events?: { values: { probe?: number } }[] }
}

/**
 * From the acknowledgement of an event to its arrival at a WebSocket client, while 5,000 events a second come in: one event
 * of each request is followed. The client is in this process, which also sends.
 */
export async function benchEventLatency({ api }: Stage, seconds: number): Promise<void> {
  const title = `\nfrom acknowledgement to frame at ${EVENTS_PER_SECOND} events/s: `
  const headers = { 'x-api-key': api.key, 'content-type': 'application/json' }
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/api/ws`, { headers })
  const refused = await Promise.race([once(socket, 'open').then(() => undefined), refusalOf(socket)])
  if (refused) return console.log(`${title}skipped, GET /api/ws answers ${refused}`)
  const seenAt = new Map<number, number>()
  socket.on('message', (data: Buffer) => noteProbes(data, seenAt))
  const acknowledgedAt = await sendAtRate(`${api.url}/api/ingest/batch`, headers, seconds)
  await sleep(LAST_FRAMES_MS)
  socket.terminate()
  const took = [...acknowledgedAt].flatMap(([probe, at]) => {
    const seen = seenAt.get(probe)
    return seen === undefined ? [] : [Math.max(0, seen - at)]
  })
  const unseen = acknowledgedAt.size - took.length
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(took, share)?.toFixed(0))
  console.log(`${title}p50 ${p50} ms, p99 ${p99} ms (target under 500)`)
  console.log(`${took.length} events were followed, ${unseen} came in no frame`)
}

async function refusalOf(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
  return response.statusCode
}

function noteProbes(data: Buffer, seenAt: Map<number, number>): void {
  const now = performance.now()
  const frame = JSON.parse(data.toString()) as Frame
  if (frame.type !== 'event') return
  for (const { values } of frame.data.events ?? []) if (values.probe !== undefined) seenAt.set(values.probe, now)
}

/** When each probe was acknowledged. Requests start on time, whether earlier ones are answered or not. */
async function sendAtRate(url: string, headers: Record<string, string>, seconds: number): Promise<Map<number, number>> {
  const acknowledgedAt = new Map<number, number>()
  const events = sampleEvents(3)
  const requests = Math.round((seconds * 1000) / REQUEST_EVERY_MS)
  const startedAt = performance.now()
  const running: Promise<void>[] = []
  for (let probe = 0; probe < requests; probe++) {
    await sleep(startedAt + probe * REQUEST_EVERY_MS - performance.now())
    const batch: object[] = Array.from({ length: BATCH - 1 }, () => events.next().value)
    const body = JSON.stringify([...batch, { source: 'bench', type: 'probe', values: { probe } }])
    const sent = fetch(url, { method: 'POST', headers, body }).then(async (response) => {
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`the batch got ${response.status}`)
      acknowledgedAt.set(probe, performance.now())
    })
    running.push(sent)
  }
  await Promise.all(running)
  return acknowledgedAt
}
