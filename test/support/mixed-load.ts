import { setTimeout as sleep } from 'node:timers/promises'
import { countedFile, type CountedFile } from './counted-file.js'
import { Customer } from './customer.js'
import type { TestServer } from './server.js'
import { jobIn } from './upload.js'

/** Rows that every file of the series sends again, with the file's number as their quantity. */
export const SERIES_ROWS = 400
export const BATCH_EVENTS = 10
export const STOCK = 1_000_000

/** What was acknowledged up to a moment. */
export interface Acknowledged {
  jobs: string[]
  batches: string[]
  orders: string[]
  queries: number
}

/**
 * Everything that writes at the same time, without a pause: files of new rows, of which some are undone again, files that
 * replace the rows of earlier ones, batches of events, orders, of which some are deleted, and paid queries.
 */
export class MixedLoad {
  /** by the name of the file */
  readonly files = new Map<string, CountedFile>()
  readonly jobs: string[] = []
  readonly batches: string[] = []
  readonly orders: string[] = []
  queries = 0
  productId = ''
  private buyerId = ''
  private number = 0
  private isStopped = false
  private running: Promise<void>[] = []
  private readonly steps: (() => Promise<void>)[]

  private constructor(
    private readonly server: TestServer,
    readonly customers: Customer[],
    private readonly random: () => number,
  ) {
    const loads = [() => this.loadNew(), () => this.loadNew(), () => this.replace()]
    const queries = customers.map((customer) => () => this.query(customer))
    this.steps = [...loads, () => this.sendEvents(), () => this.order(), ...queries]
  }

  static async create(server: TestServer, random: () => number): Promise<MixedLoad> {
    const customers = [await Customer.create(server, 100_000), await Customer.create(server, 100_000)]
    const load = new MixedLoad(server, customers, random)
    await load.openShop()
    return load
  }

  start(): void {
    this.isStopped = false
    this.running = this.steps.map((step) => this.repeat(step))
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.isStopped = true
    await Promise.all(this.running)
  }

  acknowledged(): Acknowledged {
    const { jobs, batches, orders, queries } = this
    return { jobs: [...jobs], batches: [...batches], orders: [...orders], queries }
  }

  private async repeat(step: () => Promise<void>): Promise<void> {
    while (!this.isStopped) {
      await step()
      await sleep(this.random() * 20)
    }
  }

  private async openShop(): Promise<void> {
    const category = await this.create('/v1/categories', { name: 'Toys' })
    const product = { name: 'Yo-yo', price: 2.5, categoryId: category.id, stockQuantity: STOCK }
    this.productId = (await this.create('/v1/products', product)).id
    this.buyerId = (await this.create('/v1/customers', { name: 'Ada', email: 'ada@example.com' })).id
  }

  private async loadNew(): Promise<void> {
    const file = countedFile({ seed: Math.floor(this.random() * 1e9), rows: 500 + Math.floor(this.random() * 2_000) })
    const name = `new-${file.prefix}.csv`
    this.files.set(name, file)
    const job = await this.load(name, file.text)
    if (this.random() < 0.3) await this.server.fetch(`/v1/ingestions/${job.id}`, { method: 'DELETE' })
    else this.jobs.push(job.id)
  }

  private async replace(): Promise<void> {
    const number = ++this.number
    const rows = Array.from({ length: SERIES_ROWS }, (_, row) => `series-${row},2024-01-01,Wonderland,p,1,${number}`)
    const text = `TransactionId,TransactionDate,Country,ProductId,Price,Quantity\n${rows.join('\n')}\n`
    this.jobs.push((await this.load(`series-${number}.csv`, text)).id)
  }

  private async load(fileName: string, text: string): Promise<any> {
    const path = `/v1/ingestions?${new URLSearchParams({ wait: 'true', fileName }).toString()}`
    const headers = { 'content-type': 'text/csv' }
    const job = await jobIn(await this.server.fetch(path, { method: 'POST', headers, body: text }))
    if (job.status !== 'succeeded') throw new Error(`${fileName}: ${JSON.stringify(job)}`)
    return job
  }

  private async sendEvents(): Promise<void> {
    const type = `batch-${this.batches.length + 1}`
    const events = Array.from({ length: BATCH_EVENTS }, (_, n) => ({
      source: 'load',
      type,
      values: { n, text: 'a\tb' },
    }))
    const { status } = await this.server.json('POST', '/api/ingest/batch', events)
    if (status === 200) this.batches.push(type)
  }

  private async order(): Promise<void> {
    const items = [1, 2, 3].map((quantity) => ({ productId: this.productId, quantity }))
    const { id } = await this.create('/v1/orders', { customerId: this.buyerId, items })
    if (this.random() < 0.3) await this.server.fetch(`/v1/orders/${id}`, { method: 'DELETE' })
    else this.orders.push(id)
  }

  private async query(customer: Customer): Promise<void> {
    const filters = [{ member: 'user_id', operator: 'equals', values: [`nobody-${this.queries}`] }]
    const response = await customer.query({ measures: ['revenue'], filters })
    await response.text()
    if (response.status === 200) this.queries++
  }

  private async create(path: string, body: object): Promise<any> {
    const { status, body: made } = await this.server.json('POST', path, body)
    if (status !== 201) throw new Error(`${path} got ${status}: ${JSON.stringify(made)}`)
    return made
  }
}
