import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Customer } from './customer.js'
import { countedFile, expectedFigures, loadedFigures, type CountedFile } from './counted-file.js'
import { ingest } from './events-fixture.js'
import type { TestServer } from './server.js'

const CREDITS = 1_000_000

/** Paid queries, events and uploads, all the time, and what was acknowledged of them. */
export class Traffic {
  readonly statuses = new Map<string, Map<number, number>>()
  private readonly uploads: { id: string; file: CountedFile }[] = []
  private running: Promise<void>[] = []
  private stopped = false
  private next = 0
  private sent = 0
  /** paid queries of `figures` */
  private asked = 0
  private readonly source = `traffic-${randomUUID()}`

  private constructor(
    private readonly server: TestServer,
    private readonly customer: Customer,
  ) {}

  static async start(server: TestServer): Promise<Traffic> {
    const traffic = new Traffic(server, await Customer.create(server, CREDITS))
    traffic.running = [traffic.repeat(() => traffic.query()), traffic.repeat(() => traffic.send())]
    return traffic
  }

  /** Milliseconds until a query and an event that were sent after now are both answered with 200. */
  async untilServed(): Promise<number> {
    const from = Date.now()
    const served = async (send: () => Promise<number>): Promise<void> => {
      while ((await send()) !== 200) await sleep(50)
    }
    await Promise.all([served(() => this.query()), served(() => this.send())])
    return Date.now() - from
  }

  async upload(rows: number): Promise<void> {
    const file = countedFile({ seed: Math.floor(Math.random() * 1e9), rows })
    const headers = { 'content-type': 'text/csv' }
    const response = await this.server.fetch('/v1/ingestions', { method: 'POST', headers, body: file.text })
    if (response.status !== 202) throw new Error(`the upload got ${response.status}`)
    this.uploads.push({ id: ((await response.json()) as { id: string }).id, file })
  }

  async stop(): Promise<void> {
    this.stopped = true
    await Promise.all(this.running)
  }

  /** The jobs of all uploads as they are now. */
  async jobs(): Promise<{ status: string; rowsRead: number; rowsAccepted: number }[]> {
    return Promise.all(this.uploads.map(async ({ id }) => (await this.server.json('GET', `/v1/ingestions/${id}`)).body))
  }

  count(what: 'query' | 'event', status: number): number {
    return this.statuses.get(what)?.get(status) ?? 0
  }

  /** What the server says now, and what it must say after all that it acknowledged. */
  async figures(): Promise<{ actual: unknown; expected: unknown }> {
    const stored = await this.storedEvents()
    const jobs = await Promise.all(
      this.uploads.map(async ({ id, file }) => {
        const { status, rowsAccepted } = (await this.server.json('GET', `/v1/ingestions/${id}`)).body
        return { status, rowsAccepted, figures: await this.loaded(file) }
      }),
    )
    return {
      actual: { events: stored, credits: await this.customer.credits(), jobs },
      expected: {
        // What was refused with 503 may have been stored.
        events: Math.min(Math.max(stored, this.count('event', 200)), this.sent),
        credits: CREDITS - this.count('query', 200) - this.asked,
        jobs: this.uploads.map(({ file }) => ({
          status: 'succeeded',
          rowsAccepted: file.rows,
          figures: expectedFigures(file),
        })),
      },
    }
  }

  private async storedEvents(): Promise<number> {
    const filters = [{ member: 'source', operator: 'equals', values: [this.source] }]
    const { data } = await this.customer.execute({ dataset: 'events', measures: ['events'], filters })
    this.asked++
    return data[0].events
  }

  private async loaded(file: CountedFile) {
    const figures = await loadedFigures(this.customer, file)
    this.asked++
    return figures
  }

  private async repeat(send: () => Promise<number>): Promise<void> {
    while (!this.stopped) await sleep((await send()) === 200 ? 5 : 50)
  }

  private async query(): Promise<number> {
    // Never the same query twice, so each needs the engine.
    const filters = [{ member: 'user_id', operator: 'equals', values: [`nobody-${this.next++}`] }]
    const response = await this.customer.query({ measures: ['revenue'], filters })
    await response.text()
    return this.noted('query', response.status)
  }

  private async send(): Promise<number> {
    const { status } = await ingest(this.server, { source: this.source, type: 'sent', values: { n: this.sent++ } })
    return this.noted('event', status)
  }

  private noted(what: string, status: number): number {
    const counts = this.statuses.get(what) ?? new Map<number, number>()
    this.statuses.set(what, counts.set(status, (counts.get(status) ?? 0) + 1))
    return status
  }
}
