import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { seededRandom } from '../../tools/generator/random.js'
import { BackupCli } from '../support/backup-cli.js'
import { MixedLoad } from '../support/mixed-load.js'
import { expectConsistent } from '../support/restored-system.js'
import { startServer, type TestServer } from '../support/server.js'

// SEED=n repeats a run.
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const ENV = { RATE_LIMIT_PER_MINUTE: '1000000' }

const backups = new BackupCli()
afterAll(() => backups.remove())

describe('a backup of a running system', () => {
  let server: TestServer
  let load: MixedLoad
  const random = seededRandom(seed)

  beforeAll(async () => {
    console.log(`backups under load: SEED=${seed}`)
    server = await startServer({ env: { ...ENV, INGESTION_CONCURRENCY: '3' } })
    load = await MixedLoad.create(server, random)
  })
  afterAll(async () => {
    await server?.stop()
  })

  it.each([1, 2, 3, 4, 5])(
    'holds each ingestion, charge, order and batch of events in whole or not at all: %i',
    async (n) => {
      await sleep(500 + random() * 2_000)
      const path = backups.unused(n % 2 === 0 ? 'load.tar' : 'load')
      const before = load.acknowledged()
      await backups.backUp(path, { DATA_DIR: server.dataDir })
      const dataDir = backups.unused('data')
      await backups.restore(path, { DATA_DIR: dataDir })
      const restored = await startServer({ env: ENV, dataDir, rootKey: server.rootKey })
      try {
        await expectConsistent(restored, load, before)
      } finally {
        await restored.stop()
      }
    },
  )
})
