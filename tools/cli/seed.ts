import { sampleShop } from '../generator/shop.js'
import { ApiClient } from './api-client.js'
import { ApiError, ConnectionError } from './api-errors.js'
import { connectionOf } from './connection/connection.js'
import { createDisplay } from './create-display.js'
import type { Display } from './display.js'
import { explain } from './explain.js'
import { count, duration } from './format.js'
import { Interrupt } from './interrupt.js'
import { printError } from './output/messages.js'
import { isJson } from './output/output-option.js'
import { Backoff } from './retry.js'
import type { SeedArguments } from './seed.command.js'
import { ShopClient } from './shop-client.js'
import { SHOP_KINDS, ShopSeeder, type Seeded, type ShopKind } from './shop-seeder.js'

interface SeedReport {
  seeded: Record<ShopKind, Seeded>
  totals: Record<ShopKind, number>
  seconds: number
}

const FAILED = 1

export async function seed(given: SeedArguments): Promise<number> {
  const { url, apiKey } = await connectionOf(given)
  const api = new ApiClient(url, apiKey)
  const json = isJson(given)
  const display = createDisplay({ json })
  const close = (): void => display.close()
  const interrupt = new Interrupt(close, close)
  const client = new ShopClient(api, interrupt.signal, () => backoff(interrupt.signal, display))
  try {
    const report = await run(new ShopSeeder(sampleShop(given.seed), client, display))
    display.print(json ? JSON.stringify(report) : asText(report))
    return 0
  } catch (error) {
    if (interrupt.exitCode !== undefined) display.note('Stopped; run the command again to add the rest.')
    else if (error instanceof ApiError || error instanceof ConnectionError) printError(explain(error, url))
    else throw error
    return interrupt.exitCode ?? FAILED
  } finally {
    close()
  }
}

async function run(seeder: ShopSeeder): Promise<SeedReport> {
  const started = performance.now()
  const seeded = await seeder.seed()
  return {
    seeded,
    totals: await seeder.totals(),
    seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
  }
}

function asText({ seeded, totals, seconds }: SeedReport): string {
  const lines = SHOP_KINDS.map((kind) => {
    const { added, present } = seeded[kind]
    return `${kind}: ${count(added)} added, ${count(present)} there before; now ${count(totals[kind])} in all`
  })
  return [...lines, `done in ${duration(seconds)}`].join('\n')
}

function backoff(signal: AbortSignal, display: Display): Backoff {
  return new Backoff(signal, (error, ms) => display.note(`${error.message}; trying again in ${duration(ms / 1000)}`))
}
