export type SchemaEngine = 'PostgreSQL' | 'ClickHouse'

/** A database has migrations that this version does not know. It was left as it is. */
export class IncompatibleSchemaError extends Error {
  constructor(engine: SchemaEngine, unknown: string, isOlder: boolean) {
    super(
      isOlder
        ? `The ${engine} database was made by Countinghouse 0.1.0 and cannot be upgraded. Nothing in it was changed. ` +
            'Start with a new DATA_DIR (with servers: with a new database in POSTGRES_URL and another CLICKHOUSE_DATABASE) ' +
            'and load the files again, or start version 0.1.0.'
        : `The ${engine} database was made by a newer version of Countinghouse: its migration ${unknown} is unknown here. ` +
            'Nothing in it was changed. Start that version, or restore a backup from before the upgrade.',
    )
    this.name = 'IncompatibleSchemaError'
  }
}

/**
 * Throws IncompatibleSchemaError unless every applied migration is among the known ones. `isOlder` tells the names that
 * version 0.1.0 gave: its migrations were replaced by others before there was a release that had to be upgraded.
 */
export function checkMigrations(
  engine: SchemaEngine,
  { applied, known, isOlder }: { applied: string[]; known: string[]; isOlder: RegExp },
): void {
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new IncompatibleSchemaError(
      engine,
      unknown[0]!,
      unknown.some((name) => isOlder.test(name)),
    )
}
