import { expect } from 'vitest'
import type { TestServer } from './server.js'
import { until } from './until.js'

/** A schedule that does not come while a test runs: it looks when it wants to. */
export const NEVER = '0 0 29 2 *'

/** A source of a dataset over the API. */
export class TestSource {
  private constructor(
    private readonly server: TestServer,
    readonly id: string,
    readonly path: string,
  ) {}

  static async create(
    server: TestServer,
    body: Record<string, unknown>,
    dataset = 'transactions',
  ): Promise<TestSource> {
    const path = `/v1/admin/datasets/${dataset}/sources`
    const created = await server.json('POST', path, { schedule: NEVER, ...body })
    expect(created.status, JSON.stringify(created.body)).toBe(201)
    return new TestSource(server, created.body.id, `${path}/${created.body.id}`)
  }

  async get(): Promise<any> {
    return (await this.server.json('GET', this.path)).body
  }

  async patch(body: Record<string, unknown>): Promise<{ status: number; body: any }> {
    return this.server.json('PATCH', this.path, body)
  }

  /** By location. */
  async objects(): Promise<Record<string, any>> {
    const { body } = await this.server.json('GET', `${this.path}/objects?limit=500`)
    return Object.fromEntries(body.data.map((object: any) => [object.location, object]))
  }

  /** Looks now and waits for the end of the look and of the jobs that it made; gives the source. */
  async look(body?: { retryFailed?: boolean }): Promise<any> {
    const { lastRunAt } = await this.get()
    const asked = await this.server.json('POST', `${this.path}/run`, body)
    expect(asked.status, JSON.stringify(asked.body)).toBe(202)
    await until(async () => {
      const now = await this.get()
      expect([now.isRunning, now.lastRunAt !== lastRunAt], JSON.stringify(now)).toEqual([false, true])
    })
    await this.untilJobsEnded()
    return this.get()
  }

  async untilJobsEnded(): Promise<void> {
    await until(async () => {
      const states = Object.values(await this.objects()).map(({ state }) => state)
      expect(states.filter((state) => state === 'queued' || state === 'running')).toEqual([])
    })
  }

  /** Jobs whose file has this name, oldest first. */
  async jobsOf(fileName: string): Promise<any[]> {
    const { body } = await this.server.json('GET', '/v1/ingestions?limit=500')
    return body.data.filter((job: any) => job.fileName === fileName).reverse()
  }
}
