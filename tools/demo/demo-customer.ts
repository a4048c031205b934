import type { INestApplicationContext } from '@nestjs/common'
import { CreditsService } from '../../src/credits/credits.service.js'
import { KeysService } from '../../src/auth/api-keys/keys.service.js'
import { UsersService } from '../../src/users/users.service.js'

const USERNAME = 'demo'
const CREDITS = 100

interface Answer {
  data: object[]
  query: { cached: boolean; elapsedMs: number; rowsRead: number }
  credits: { charged: number; remaining: number }
}

/** The demo's customer: made on the first run, given a new key (and credits when they ran out) on later ones. */
export class DemoCustomer {
  private constructor(
    private readonly base: string,
    readonly key: string,
  ) {}

  static async open(app: INestApplicationContext, base: string): Promise<DemoCustomer> {
    const users = app.get(UsersService)
    const { data } = await users.list({ search: USERNAME, limit: 500, offset: 0 })
    const existing = data.find(({ username }) => username === USERNAME)
    if (!existing) {
      const { apiKey } = await users.create({ username: USERNAME, credits: CREDITS })
      console.log(`Created the customer "${USERNAME}" with ${CREDITS} credits.`)
      return new DemoCustomer(base, apiKey)
    }
    if (existing.credits < 3)
      await app.get(CreditsService).grant({ userId: existing.id, amount: CREDITS, reason: 'demo' })
    const { apiKey } = await app.get(KeysService).issue(existing.id, { name: 'demo run' })
    console.log(`The customer "${USERNAME}" is there already; it has a new key.`)
    return new DemoCustomer(base, apiKey)
  }

  /** A paid query over HTTP, as any customer asks it. */
  async execute(query: Record<string, unknown>): Promise<Answer> {
    const response = await fetch(`${this.base}/v1/query`, {
      method: 'POST',
      headers: { 'x-api-key': this.key, 'content-type': 'application/json' },
      body: JSON.stringify(query),
    })
    const body = (await response.json()) as Answer & { detail?: string }
    if (!response.ok) throw new Error(`the query got ${response.status}: ${body.detail}`)
    return body
  }
}
