import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackupError } from '../../src/backup/backup.errors.js'
import { checkBackup } from '../../src/backup/restore-backup.js'
import { loadConfig } from '../../src/config/load-config.js'
import { BackupCli } from '../support/backup-cli.js'
import { addMigration, addTable, copyWith, edit, flip, readRows, reseal } from '../support/backup-files.js'
import { Customer } from '../support/customer.js'
import { ingestBatch } from '../support/events-fixture.js'
import { startServer, type TestServer } from '../support/server.js'

const ENCRYPTION_KEY = '8c1bd9c6f2a0471f8d9f1d2b6a7e5c3f8c1bd9c6f2a0471f8d9f1d2b6a7e5c3f'

describe('a backup', () => {
  const backups = new BackupCli()
  const whole = backups.unused('whole')
  const file = backups.unused('whole.tar')
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ env: { ENCRYPTION_KEY } })
    await Customer.create(server, 50, { email: 'ann@example.com' })
    await ingestBatch(server, [{ source: 'till', type: 'sale', values: { amount: 1 } }])
    for (const path of [whole, file]) await backups.backUp(path, { DATA_DIR: server.dataDir })
  })
  afterAll(async () => {
    await server?.stop()
    backups.remove()
  })

  const postgres = (name: string) => (backup: string) => join(backup, `postgres/${name}.000001.tsv.gz`)
  const [users, foreign] = [postgres('users'), postgres('x')]
  const manifest = (backup: string) => join(backup, 'manifest.json')
  const BROKEN: [string, string, (backup: string) => void][] = [
    ['a file is missing', 'users.000001.tsv.gz is missing', (backup) => rmSync(users(backup))],
    ['a file is cut off', 'has 10 bytes instead of', (backup) => truncateSync(users(backup), 10)],
    ['a byte is another one', 'users.000001.tsv.gz was changed or is damaged', (backup) => flip(users(backup))],
    [
      'its manifest was changed',
      'manifest.json was changed',
      (backup) => edit(manifest(backup), '"rows": 1', '"rows": 2'),
    ],
    ['it has no manifest', 'no backup of Countinghouse, or not all of one', (backup) => rmSync(manifest(backup))],
    ['its manifest is none', 'manifest.json is not readable', (backup) => writeFileSync(manifest(backup), '[')],
    ['there is a file more', 'does not belong to the backup', (backup) => writeFileSync(foreign(backup), '')],
    ['there is another file', 'no file of a backup', (backup) => writeFileSync(join(backup, 'notes.txt'), '')],
    ['another product made it', 'no backup of Count', (backup) => reseal(backup, { product: 'ledgers' as never })],
    ['its format is a later one', 'format 2, made by version', (backup) => reseal(backup, { format: 2 })],
    ['a newer version made it', 'by a newer version of Countinghouse', (backup) => addMigration(backup)],
  ]
  it.each(BROKEN)('is refused when %s', async (what, words, change) => {
    const path = copyWith(change, { from: whole, to: backups.unused(what) })
    await expectUntouched(path, words)
  })

  it.each([0.2, 0.6, 0.95])('is refused when it is a file of which only a part is there: %f', async (share) => {
    const path = backups.unused('cut.tar')
    writeFileSync(path, readFileSync(file).subarray(0, share * statSync(file).size))
    await expectUntouched(path, /is no tar file, or is cut off|not all of one/)
  })

  it('is refused when it is another file', async () => {
    await expectUntouched(join(import.meta.dirname, '../../package.json'), 'is no tar file')
    await expectUntouched(join(import.meta.dirname, '../../samples'), 'is no file of a backup')
  })

  it('is refused before anything is made where it would be restored to', async () => {
    const path = copyWith((backup) => flip(users(backup)), { from: whole, to: backups.unused('flipped') })
    const dataDir = backups.unused('data')
    await backups.expectRefusal('restore', path, { DATA_DIR: dataDir, ENCRYPTION_KEY }, 'was changed or is damaged')
    expect(existsSync(dataDir)).toBe(false)
  })

  it('is refused when it has tables that its version does not make', async () => {
    const path = copyWith(addTable, { from: whole, to: backups.unused('table') })
    const dataDir = backups.unused('data')
    await backups.expectRefusal('restore', path, { DATA_DIR: dataDir, ENCRYPTION_KEY }, 'unknown here: strangers.name')
    await backups.restore(whole, { DATA_DIR: dataDir, ENCRYPTION_KEY })
  })

  it('is refused without the key that its emails are encrypted with', async () => {
    await expectUntouched(whole, 'Set ENCRYPTION_KEY', {})
    await expectUntouched(whole, 'Set ENCRYPTION_KEY', { ENCRYPTION_KEY: ENCRYPTION_KEY.replace('8', '9') })
    expect(readRows(whole, 'postgres/users.000001.tsv.gz')).not.toContain('ann@example.com')
  })

  it('is not written over what is there, and not made of nothing', async () => {
    const env = { DATA_DIR: server.dataDir }
    await backups.expectRefusal('backup', whole, env, 'is there already')
    await backups.expectRefusal('backup', join(backups.unused('no'), 'folder'), env, 'does not exist')
    const busy = backups.unused('busy.tar')
    writeFileSync(`${busy}.partial`, '')
    await backups.expectRefusal('backup', busy, env, 'another backup is writing it')
    await backups.expectRefusal(
      'backup',
      backups.unused('none'),
      { DATA_DIR: backups.unused('nowhere') },
      'does not exist',
    )
    await backups.expectRefusal('restore', backups.unused('none'), env, 'does not exist')
  })

  /** As the command does it before it touches anything, in words. */
  async function expectUntouched(path: string, words: string | RegExp, settings: object = { ENCRYPTION_KEY }) {
    const config = loadConfig({ ...settings })
    const checked = checkBackup({ path, config, onProgress: () => undefined, signal: new AbortController().signal })
    const error = await checked.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BackupError)
    expect((error as BackupError).message).toMatch(words)
  }
})
