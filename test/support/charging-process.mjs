// A process that charges as the application does, to be killed: node charging-process.mjs <PostgreSQL URL> <user> <key>.
// It starts when it reads what time it is on stdin.
// It says on stdout, a line each and at once, how far every charge has come.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataSource } from 'typeorm'

const dist = process.env.COUNTINGHOUSE_DIST ?? join(import.meta.dirname, '../../dist')
const { InstanceId } = await import(join(dist, 'src/common/instance-id.js'))
const { CreditsRepository } = await import(join(dist, 'src/credits/credits.repository.js'))
const { CreditsService } = await import(join(dist, 'src/credits/credits.service.js'))
const { Database } = await import(join(dist, 'src/infrastructure/database/database.js'))
const { dataSourceOptions } = await import(join(dist, 'src/infrastructure/database/data-source-options.js'))

const [url, userId, keyId] = process.argv.slice(2)
const now = new Date(String((await once(process.stdin, 'data'))[0]))
const source = await new DataSource(dataSourceOptions(url, 4)).initialize()
const repository = new CreditsRepository(new Database(source))
const instance = new InstanceId()
const credits = new CreditsService(repository, { now: () => now }, instance)
await repository.heartbeat(instance.uuid, now)

const say = (state, requestId) => writeSync(1, `${state} ${requestId}\n`)

async function execute() {
  const requestId = randomUUID()
  const reserve = Math.random() < 0.7
  // Without a reservation the charge itself is the last word, with one the settlement is.
  say(reserve ? 'charging' : 'deciding', requestId)
  const { chargeId } = await credits.charge({ userId, keyId, cost: 1, requestId, reason: 'kill', reserve })
  if (reserve) {
    say('charged', requestId)
    await sleep(Math.random() * 8)
    if (Math.random() < 0.2) {
      await credits.release(chargeId, 'failed')
      return say('failed', requestId)
    }
    say('deciding', requestId)
  }
  await credits.settle(chargeId)
  say('answered', requestId)
}

async function askForEver() {
  for (;;) await execute()
}

await Promise.all(Array.from({ length: 12 }, askForEver))
