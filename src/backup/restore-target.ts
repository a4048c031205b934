import pg from 'pg'
import { SILENT_SECONDS } from '../common/instance-id.js'
import type { Config } from '../config/config.js'
import { parseEncryptionKey } from '../config/encryption-key.js'
import type { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { clickHouseMigrations } from '../infrastructure/clickhouse/migrate-clickhouse.js'
import { knownMigrations } from '../infrastructure/database/migrate-database.js'
import { RESTORE_MARK } from '../infrastructure/database/unfinished-restore.js'
import { FieldCipher } from '../infrastructure/encryption/field-cipher.js'
import type { BackupManifest } from './backup-manifest.js'
import { BackupError } from './backup.errors.js'
import { findClickHouseMigrations, findFilled } from './clickhouse-rows.js'
import { exists, findMigrations, MADE_BY_A_START, quoted } from './postgres-catalog.js'

/** Throws BackupError when this version cannot read what the backup holds. */
export async function requireReadable(manifest: BackupManifest, config: Config): Promise<void> {
  const known = [...knownMigrations(), ...(await clickHouseMigrations())]
  const { postgres, clickhouse } = manifest
  const unknown = [...postgres.migrations, ...clickhouse.migrations].find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new BackupError(
      `The backup was made by a newer version of Countinghouse (${manifest.version}): its migration ${unknown} is ` +
        'unknown here. Restore it with that version.',
    )
  }
  const keys = [config.encryptionKey, config.encryptionKeyPrevious].map((key) => key && parseEncryptionKey(key))
  const cipher = new FieldCipher(...(keys as [Buffer?, Buffer?]))
  if (manifest.encryptionKeyIds.some((id) => !cipher.knows(Buffer.from(id, 'hex')))) {
    throw new BackupError(
      'Emails in the backup are encrypted with a key that is not at hand. Set ENCRYPTION_KEY (and ' +
        'ENCRYPTION_KEY_PREVIOUS, if there was one) as they were where the backup was made.',
    )
  }
}

/**
 * Throws BackupError unless the databases are empty, or hold no more than a server writes that was only started, and no
 * process runs on them. What a restore that was cut off left in ClickHouse does not count.
 */
export async function requireEmpty(
  manifest: BackupManifest,
  postgres: pg.Client,
  clickhouse: ClickHouse,
): Promise<void> {
  await requireNoProcess(postgres)
  const applied = [...(await findMigrations(postgres)), ...(await findClickHouseMigrations(clickhouse))]
  const stored = [...manifest.postgres.migrations, ...manifest.clickhouse.migrations]
  if (applied.some((name) => !stored.includes(name))) {
    throw new BackupError(
      'The databases are of a newer version than the backup. Restore into new ones (another DATA_DIR; with servers ' +
        'another database in POSTGRES_URL and another CLICKHOUSE_DATABASE); the next start upgrades them.',
    )
  }
  const filled = await findFilledTables(manifest, postgres)
  const isRepeated = await isCutOff(postgres)
  const tables = manifest.clickhouse.tables.map(({ name }) => name)
  if (!isRepeated) filled.push(...(await findFilled(clickhouse, tables)))
  if (filled.length > 0) {
    throw new BackupError(
      `The databases are not empty: there are rows in ${filled.join(', ')}. Nothing was changed. Restore into empty ` +
        'ones (another DATA_DIR; with servers another database in POSTGRES_URL and another CLICKHOUSE_DATABASE).',
    )
  }
}

/** Whether a restore into these databases was cut off. */
export async function isCutOff(postgres: pg.Client): Promise<boolean> {
  return exists(postgres, RESTORE_MARK)
}

async function findFilledTables({ postgres: { tables } }: BackupManifest, postgres: pg.Client): Promise<string[]> {
  const filled: string[] = []
  for (const { name } of tables.filter((table) => !MADE_BY_A_START.includes(table.name))) {
    if (!(await exists(postgres, quoted(name)))) continue
    const { rows } = await postgres.query(`SELECT 1 FROM ${quoted(name)} LIMIT 1`)
    if (rows.length > 0) filled.push(name)
  }
  return filled
}

async function requireNoProcess(postgres: pg.Client): Promise<void> {
  if (!(await exists(postgres, 'service_instances'))) return
  const { rows } = await postgres.query<{ running: number }>(
    `SELECT count(*)::int AS running FROM service_instances
     WHERE heartbeat_at > clock_timestamp() - make_interval(secs => $1)`,
    [SILENT_SECONDS],
  )
  const { running } = rows[0]!
  if (running === 0) return
  throw new BackupError(
    `${running} API or worker processes run on these databases. Stop them first; one that was killed counts for ` +
      `${SILENT_SECONDS} s.`,
  )
}
