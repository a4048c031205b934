import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { execute, engineOf, startEventsServer } from '../support/events-fixture.js'
import { SeededRandom } from '../../tools/generator/random.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const ENGINE_KILLS = 14
const SERVER_KILLS = 6
const SENDERS = 8

/** Sends numbered events, alone and in batches, and notes which were acknowledged. */
class Sender {
  readonly acknowledged = new Set<string>()
  readonly sent = new Set<string>()
  private sending: Promise<void>[] = []
  private next = 0
  private stopped = false

  constructor(private readonly random: SeededRandom) {}

  start(server: TestServer): void {
    this.stopped = false
    this.sending = Array.from({ length: SENDERS }, () => this.run(server))
  }

  async stop(): Promise<void> {
    this.stopped = true
    await Promise.all(this.sending)
  }

  private async run(server: TestServer): Promise<void> {
    while (!this.stopped) {
      const numbers = Array.from({ length: this.random.pick([1, 1, 3, 40]) }, () => String(this.next++))
      for (const number of numbers) this.sent.add(number)
      if (await this.post(server, numbers)) for (const number of numbers) this.acknowledged.add(number)
      else await sleep(20)
    }
  }

  private async post(server: TestServer, numbers: string[]): Promise<boolean> {
    const events = numbers.map((number) => ({ source: 'kill', type: 'counted', values: { number, amount: 0.1 } }))
    const [path, body] = events.length === 1 ? ['/api/ingest', events[0]] : ['/api/ingest/batch', events]
    const headers = { 'content-type': 'application/json' }
    const answer = await server
      .fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
      .then(async (response) => ({ status: response.status, body: (await response.json()) as { accepted?: number } }))
      .catch(() => undefined)
    if (answer && answer.status !== 200) expect(answer.status).toBe(503)
    return answer?.status === 200 && (answer.body.accepted ?? 1) === numbers.length
  }
}

it.runIf(process.platform === 'linux')(
  'keeps every acknowledged event, and each once, when the engine or all is killed at any moment',
  async () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
    console.log(`kill -9 of events: SEED=${seed}`)
    const random = new SeededRandom(seed)
    const kills = [...Array<string>(ENGINE_KILLS).fill('engine'), ...Array<string>(SERVER_KILLS).fill('server')]
    let server = await startEventsServer()
    const sender = new Sender(random)
    try {
      sender.start(server)
      for (const victim of random.some(kills, kills.length, kills.length)) {
        const before = sender.acknowledged.size
        await sleep(random.next() * 150)
        if (victim === 'engine') {
          // The last kill's engine may not have been started again yet.
          process.kill(await until(async () => engineOf(server)), 'SIGKILL')
          while (sender.acknowledged.size < before + 10) await sleep(20)
        } else {
          await server.kill()
          await sender.stop()
          server = await startEventsServer({ dataDir: server.dataDir, rootKey: server.rootKey })
          sender.start(server)
        }
      }
      await sender.stop()
      // What was acknowledged after the last kill may have been stored before it.
      const everyNumber = { dimensions: ['values.number'], measures: ['events'], limit: 50_000 }
      const { data, page } = await until(() => execute(server, everyNumber))
      expect(page.returned).toBeLessThan(50_000)
      const stored = new Map(data.map((row: Record<string, unknown>) => [row['values.number'], row.events]))
      expect([...sender.acknowledged].filter((number) => stored.get(number) !== 1)).toEqual([])
      // Beyond those there are at most the ones that nobody has an answer for.
      expect([...stored].filter(([number, times]) => !sender.sent.has(number as string) || times !== 1)).toEqual([])
      const totals = await execute(server, { measures: ['events', 'sum(values.amount)'] })
      expect(totals.data[0]).toEqual({ events: stored.size, 'sum(values.amount)': stored.size / 10 })
      expect(sender.acknowledged.size).toBeGreaterThan(kills.length * 10)
    } finally {
      await sender.stop()
      expect(await server.stop()).toBe(0)
    }
  },
)

it('stores what it has accepted when it is told to stop', async () => {
  let server = await startEventsServer()
  const sender = new Sender(new SeededRandom(1))
  sender.start(server)
  while (sender.acknowledged.size < 200) await sleep(10)
  expect(await server.stop({ keepData: true })).toBe(0)
  await sender.stop()
  server = await startEventsServer({ dataDir: server.dataDir, rootKey: server.rootKey })
  try {
    const { data } = await execute(server, { measures: ['events'] })
    expect(data[0].events).toBeGreaterThanOrEqual(sender.acknowledged.size)
    expect(data[0].events).toBeLessThanOrEqual(sender.sent.size)
  } finally {
    await server.stop()
  }
})
