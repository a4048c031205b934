import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { BackupCli } from '../support/backup-cli.js'
import { listAll } from '../support/restored-system.js'
import { startServer, type TestServer } from '../support/server.js'
import { upload } from '../support/upload.js'

// A backup of a small system by each released version: restored, the databases are as that version left them, and the start
// upgrades them. CONTRIBUTING.md says how the next one is made.
const FIXTURES = join(import.meta.dirname, '../fixtures')
const ROOT_KEY = 'the root key of restored fixtures'.replaceAll(' ', '-')

/** What each of them holds. */
const HOLDS = {
  'upgrade-0.2.0.tar': {
    transactions: { transactions: 1_501, revenue: 348_878.5554, items_sold: 5_723 },
    totals: { users: 2, ingestions: 3, orders: 1, products: 1, events: 2, rejects: 40, balance: 22 },
  },
}

describe('the data of released versions', () => {
  const backups = new BackupCli()
  afterAll(() => backups.remove())

  it('are all looked at', () => {
    expect(readdirSync(FIXTURES).filter((name) => name.startsWith('upgrade-'))).toEqual(Object.keys(HOLDS))
  })

  it.each(Object.entries(HOLDS))(
    '%s starts, answers as it did, and takes more',
    async (name, { transactions, totals }) => {
      const dataDir = backups.unused('data')
      await backups.restore(join(FIXTURES, name), { DATA_DIR: dataDir })
      const env = { ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex') }
      const server = await startServer({ env, dataDir, rootKey: ROOT_KEY })
      expect(await figures(server)).toEqual([transactions])
      expect(await totalsOf(server)).toEqual(totals)
      const more = 'TransactionId,TransactionDate,Country,ProductId,Price,Quantity\nnew,2024-01-01,Peru,p,1,1\n'
      expect((await upload(server, more, {}, { 'content-type': 'text/csv' })).body.status).toBe('succeeded')
      expect((await figures(server))[0].transactions).toBe(transactions.transactions + 1)
      expect(await server.stop()).toBe(0)
    },
  )
})

async function figures(server: TestServer): Promise<any[]> {
  const query = { dataset: 'transactions', measures: ['transactions', 'revenue', 'items_sold'] }
  return (await server.json('POST', '/v1/query', query)).body.data
}

async function totalsOf(server: TestServer): Promise<Record<string, number>> {
  const [users, ingestions, orders, products] = await Promise.all(
    ['/v1/admin/users', '/v1/ingestions', '/v1/orders', '/v1/products'].map((path) => listAll(server, path)),
  )
  const counted = await server.json('POST', '/v1/query', { dataset: 'events', measures: ['events'] })
  const ledgers = await Promise.all(users!.map(({ id }) => listAll(server, `/v1/admin/users/${id}/ledger`)))
  const rejects = await Promise.all(ingestions!.map(({ id }) => listAll(server, `/v1/ingestions/${id}/rejects`)))
  const lists = { users, ingestions, orders, products, rejects: rejects.flat() }
  const balance = ledgers.flat().reduce((sum, { amount }) => sum + amount, 0)
  expect(users!.reduce((sum, { credits }) => sum + credits, 0)).toBe(balance)
  const lengths = Object.entries(lists).map(([name, list]) => [name, list!.length])
  return { ...Object.fromEntries(lengths), events: counted.body.data[0].events, balance }
}
