import type { INestApplicationContext } from '@nestjs/common'
import type { Schemas } from '../../clients/typescript/index.js'
import { CreditsService } from '../../src/credits/credits.service.js'
import { KeysService } from '../../src/auth/api-keys/keys.service.js'
import { UsersService } from '../../src/users/users.service.js'
import { ApiClient } from '../cli/api-client.js'

const USERNAME = 'demo'
const CREDITS = 100
/** at least as many as the demo runs */
const QUERIES = 4

/** The demo's customer: made on the first run, given a new key (and credits when they ran out) on later ones. */
export class DemoCustomer {
  private constructor(
    private readonly client: ApiClient,
    readonly key: string,
  ) {}

  static async open(app: INestApplicationContext, url: URL): Promise<DemoCustomer> {
    const users = app.get(UsersService)
    const { data } = await users.list({ search: USERNAME, limit: 500, offset: 0 })
    const existing = data.find(({ username }) => username === USERNAME)
    if (!existing) {
      const { apiKey } = await users.create({ username: USERNAME, credits: CREDITS })
      console.log(`Created the customer "${USERNAME}" with ${CREDITS} credits.`)
      return new DemoCustomer(new ApiClient(url, apiKey), apiKey)
    }
    if (existing.credits < QUERIES)
      await app.get(CreditsService).grant({ userId: existing.id, amount: CREDITS, reason: 'demo' })
    const { apiKey } = await app.get(KeysService).issue(existing.id, { name: 'demo run' })
    console.log(`The customer "${USERNAME}" is there already; it has a new key.`)
    return new DemoCustomer(new ApiClient(url, apiKey), apiKey)
  }

  /** A paid query over HTTP, as any customer sends it. */
  execute(query: Schemas['QueryRequest']): Promise<Schemas['QueryResponse']> {
    return this.client.request('POST /v1/query', { body: query })
  }
}
