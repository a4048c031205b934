import type { DataSource } from 'typeorm'

/** A table that is there from the first row that a restore writes to its commit. */
export const RESTORE_MARK = 'restore_in_progress'

/** A restore was cut off, so the databases hold a part of a backup. */
export class UnfinishedRestoreError extends Error {
  constructor() {
    super(
      'A restore into these databases did not come to its end. Run `npx countinghouse restore` again: it starts afresh. ' +
        'Or start with new databases (another DATA_DIR; with servers another POSTGRES_URL and CLICKHOUSE_DATABASE).',
    )
    this.name = 'UnfinishedRestoreError'
  }
}

/** Throws UnfinishedRestoreError when the databases hold a part of a backup. */
export async function requireWhole(dataSource: DataSource): Promise<void> {
  const [{ isPart }] = await dataSource.query<[{ isPart: boolean }]>(
    `SELECT to_regclass('${RESTORE_MARK}') IS NOT NULL AS "isPart"`,
  )
  if (isPart) throw new UnfinishedRestoreError()
}
