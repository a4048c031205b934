import type { Command } from 'commander'
import { sampleShop } from '../generator/shop.js'
import { ApiClient } from './api-client.js'
import { ApiError, ConnectionError } from './api-errors.js'
import { readApiKey } from './api-key.js'
import { createDisplay } from './create-display.js'
import type { Display } from './display.js'
import { explain } from './explain.js'
import { Interrupt } from './interrupt.js'
import { addConnectionOptions } from './load-options.js'
import { parseWhole } from './parse-whole.js'
import { Backoff } from './retry.js'
import { ShopClient } from './shop-client.js'
import { SHOP_KINDS, ShopSeeder, type Seeded, type ShopKind } from './shop-seeder.js'
import { count, duration } from './format.js'

interface SeedArguments {
  url: URL
  keyFile?: string
  seed: number
  json?: true
}

interface SeedReport {
  seeded: Record<ShopKind, Seeded>
  totals: Record<ShopKind, number>
  seconds: number
}

const FAILED = 1
const HELP = `
What is there already stays as it is, so the command can be run again, also after it was interrupted.

Exit codes: 0 all is there, 1 something is not, 2 wrong usage, 130 after Ctrl-C.`

export function registerSeed(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('seed')
    .summary('fill the server with a sample shop')
    .description('Adds a made-up shop: 5 categories, 10,000 products, 500 customers and 1,000 orders.')
  addConnectionOptions(command)
    .option('--seed <n>', 'number that the data is made from; the same seed gives the same data', parseWhole, 1)
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', HELP)
    .action(async (given: SeedArguments) => exit(await seed(given)))
}

async function seed({ url, keyFile, seed, json }: SeedArguments): Promise<number> {
  const api = new ApiClient(url, await readApiKey(keyFile))
  const display = createDisplay({ json: json === true })
  const close = (): void => display.close()
  const interrupt = new Interrupt(close, close)
  const client = new ShopClient(api, interrupt.signal, () => backoff(interrupt.signal, display))
  try {
    const report = await run(new ShopSeeder(sampleShop(seed), client, display))
    display.print(json ? JSON.stringify(report) : asText(report))
    return 0
  } catch (error) {
    if (interrupt.exitCode !== undefined) display.note('Stopped; run the command again to add the rest.')
    else if (error instanceof ApiError || error instanceof ConnectionError)
      display.note(`error: ${explain(error, url)}`)
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
