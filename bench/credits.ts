import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { InstanceId } from '../src/common/instance-id.js'
import { CreditsRepository } from '../src/credits/credits.repository.js'
import { CreditsService } from '../src/credits/credits.service.js'
import { DatabaseClock } from '../src/credits/credits-clock.js'
import { dataSourceOptions } from '../src/infrastructure/database/data-source-options.js'
import { Database } from '../src/infrastructure/database/database.js'
import { migrateDatabase } from '../src/infrastructure/database/migrate-database.js'
import { chargeScript, pgbench } from './pgbench.js'
import { count, onPostgres, quantile, sleep } from './support.js'

const CUSTOMERS = 1_000
/** Queries in flight on one instance; more of them make larger batches. */
const CALLERS = 500
const WARM_UP_MS = 1_000
const TICK_MS = 1

const SCENARIOS = [
  { title: 'one hot customer', customers: 1, target: 2 },
  { title: '1,000 customers', customers: CUSTOMERS, target: 1.2 },
]

/**
 * Charges per second through CreditsService, as queries take them, beside pgbench running the statement of one charge
 * on the same PostgreSQL, and how long a charge takes at half of that load. PostgreSQL is as durable for both.
 */
export async function benchCredits({ seconds }: { seconds: number }): Promise<void> {
  await onPostgres(async ({ folder, url }) => {
    await migrateDatabase(url)
    const source = await new DataSource(dataSourceOptions(url, 10)).initialize()
    const credits = new CreditsService(
      new CreditsRepository(new Database(source)),
      new DatabaseClock(),
      new InstanceId(),
    )
    await createCustomers(source)
    console.log(`${CALLERS} callers at once, ${seconds} s each\n`)
    for (const { title, customers, target } of SCENARIOS) {
      const perSecond = await atFullLoad(credits, customers, seconds)
      const took = await atRate(credits, customers, perSecond / 2, seconds)
      const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => quantile(took, share).toFixed(1))
      const syncMs = quantile(await syncTimes(folder, seconds / 2), 0.99)
      const alone = await pgbench(scriptOf(customers), { folder, url, seconds: Math.ceil(seconds / 2) })
      console.log(title)
      console.log(`  charges                 ${count(perSecond).padStart(8)} /s`)
      if (alone) {
        console.log(
          `  pgbench                 ${count(alone.perSecond).padStart(8)} /s, at its best with ${alone.clients} clients`,
        )
        console.log(
          `  charges / pgbench       ${(perSecond / alone.perSecond).toFixed(2).padStart(8)}    (target ${target})`,
        )
      } else console.log('  pgbench                 skipped: install the Debian package postgresql to compare with it')
      console.log(
        `  p99 at half load        ${p99!.padStart(8)} ms (target under 10; p50 ${p50}, p90 ${p90}, max ${max})`,
      )
      console.log(`  p99 of a bare fdatasync ${syncMs.toFixed(1).padStart(8)} ms\n`)
    }
    await credits.drain()
    await expectExactBooks(source)
    await source.destroy()
  })
}

/** Customer n, from 1; pgbench makes the same text of its variable. */
function customerId(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
}

function scriptOf(customers: number): string {
  return `\\set n random(1, ${customers})\n${chargeScript("('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))")}`
}

async function createCustomers(source: DataSource): Promise<void> {
  const ids = Array.from({ length: CUSTOMERS }, (_, n) => customerId(n + 1))
  await source.query('INSERT INTO users (id, username) SELECT id, id FROM unnest($1::uuid[]) id', [ids])
  await source.query('INSERT INTO credit_accounts (user_id) SELECT unnest($1::uuid[])', [ids])
  await source.query(
    `SELECT credits_grant(gen_random_uuid(), id, 1000000000, 50::smallint, NULL, 'bench', NULL) FROM unnest($1::uuid[]) id`,
    [ids],
  )
}

async function chargeOne(credits: CreditsService, customers: number): Promise<void> {
  const userId = customerId(1 + Math.floor(Math.random() * customers))
  const { chargeId } = await credits.charge({ userId, cost: 1, requestId: 'bench', reason: 'bench', reserve: false })
  void credits.settle(chargeId)
}

/** Each caller charges again as soon as it has its answer. */
async function atFullLoad(credits: CreditsService, customers: number, seconds: number): Promise<number> {
  const start = performance.now() + WARM_UP_MS
  const end = start + seconds * 1000
  let charged = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await chargeOne(credits, customers)
      if (performance.now() > start) charged++
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return charged / seconds
}

/**
 * Charges arrive at a steady rate, whether earlier ones are answered or not; gives how long each took, in ms, from when it
 * was due: what this process is too late to send has waited too.
 */
async function atRate(
  credits: CreditsService,
  customers: number,
  perSecond: number,
  seconds: number,
): Promise<number[]> {
  const took: number[] = []
  const running: Promise<void>[] = []
  const start = performance.now()
  while (performance.now() - start < seconds * 1000) {
    const due = ((performance.now() - start) / 1000) * perSecond
    while (running.length < due) {
      const dueAt = start + (running.length / perSecond) * 1000
      running.push(chargeOne(credits, customers).then(() => void took.push(performance.now() - dueAt)))
    }
    await sleep(TICK_MS)
  }
  await Promise.all(running)
  return took
}

/** What a commit waits for at least: a page written over and made durable on the same disk, one after the other, in ms. */
async function syncTimes(folder: string, seconds: number): Promise<number[]> {
  const file = await open(join(folder, 'sync'), 'w')
  const page = Buffer.alloc(8192)
  const took: number[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const startedAt = performance.now()
    await file.write(page, 0, page.length, 0)
    await file.datasync()
    took.push(performance.now() - startedAt)
  }
  await file.close()
  return took
}

async function expectExactBooks(source: DataSource): Promise<void> {
  const wrong = await source.query<unknown[]>(`
    SELECT a.user_id FROM credit_accounts a
    WHERE balance <> (SELECT sum(amount) FROM credit_entries e WHERE e.user_id = a.user_id)
       OR balance <> (SELECT sum(remaining) FROM credit_grants g WHERE g.user_id = a.user_id)`)
  if (wrong.length > 0) throw new Error(`${wrong.length} accounts do not balance`)
}
