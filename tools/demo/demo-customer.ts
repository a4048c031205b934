import type { INestApplicationContext } from '@nestjs/common'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Schemas } from '../../clients/typescript/index.js'
import { CreditsService } from '../../src/credits/credits.service.js'
import { KeysService } from '../../src/auth/api-keys/keys.service.js'
import { UsersService } from '../../src/users/users.service.js'
import { ApiClient } from '../cli/api-client.js'

const USERNAME = 'demo'
const CREDITS = 100
/** at least as many as the demo runs */
const QUERIES = 4

/**
 * The demo's customer: made on the first run; later ones give it credits when they ran out. Its key, which opens nothing
 * but the demo's own data, is kept beside the sample file, so that a later run prints the same one.
 */
export class DemoCustomer {
  private constructor(
    private readonly client: ApiClient,
    readonly key: string,
  ) {}

  static async open(app: INestApplicationContext, url: URL, dataDir: string): Promise<DemoCustomer> {
    const file = join(dataDir, 'demo', 'customer.key')
    const key = await keyOf(app, url, await readFile(file, 'utf8').catch(() => undefined))
    await writeFile(file, key, { mode: 0o600 })
    return new DemoCustomer(new ApiClient(url, key), key)
  }

  /** A paid query over HTTP, as any customer sends it. */
  execute(query: Schemas['QueryRequest']): Promise<Schemas['QueryResponse']> {
    return this.client.request('POST /v1/query', { body: query })
  }
}

async function keyOf(app: INestApplicationContext, url: URL, kept: string | undefined): Promise<string> {
  const users = app.get(UsersService)
  const { data } = await users.list({ search: USERNAME, limit: 500, offset: 0 })
  const existing = data.find(({ username }) => username === USERNAME)
  if (!existing) {
    const { apiKey } = await users.create({ username: USERNAME, credits: CREDITS })
    console.log(`\nCreated the customer "${USERNAME}" with ${CREDITS} credits.`)
    return apiKey
  }
  if (existing.credits < QUERIES)
    await app.get(CreditsService).grant({ userId: existing.id, amount: CREDITS, reason: 'demo' })
  const isKept = kept !== undefined && (await works(url, kept))
  console.log(`\nThe customer "${USERNAME}" is there already; it ${isKept ? 'keeps its key' : 'has a new key'}.`)
  return isKept ? kept : (await app.get(KeysService).issue(existing.id, { name: 'demo run' })).apiKey
}

/** It may have been revoked since. */
function works(url: URL, key: string): Promise<boolean> {
  return new ApiClient(url, key).request('GET /v1/me').then(
    () => true,
    () => false,
  )
}
