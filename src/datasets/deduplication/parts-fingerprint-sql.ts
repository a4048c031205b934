import type { DatasetDefinition } from '../dataset-definition.js'

/** ClickHouse's code when `throwIf` throws. */
export const FINGERPRINT_HAS_CHANGED = 395

/** One row, `fingerprint`: what PartsFingerprint says of it. */
export function fingerprintSql(database: string, { table }: DatasetDefinition): string {
  return `SELECT ${FINGERPRINT} AS fingerprint ${fromParts(database, table)}`
}

/** Rows of `table`, `fingerprint`: of all tables that have parts. */
export function fingerprintsSql(database: string): string {
  return `SELECT table, ${FINGERPRINT} AS fingerprint FROM system.parts
    WHERE active AND database = ${literal(database)} GROUP BY table`
}

/** Of a table without parts. */
export const NO_PARTS = '0:0'

/**
 * A condition that is true for every row as long as the table has this fingerprint, and fails the statement when it has another
 * one. ClickHouse makes the set behind IN when it runs the statement, so after it has taken the statement's snapshot in
 * order to plan it (test/e2e/final-free-reads.e2e-spec.ts looks whether it still does): what is in the snapshot is in the fingerprint.
 */
export function hasFingerprintSql(database: string, { table }: DatasetDefinition, fingerprint: string): string {
  return `1 IN (SELECT 1 + throwIf(${FINGERPRINT} != ${literal(fingerprint)}) ${fromParts(database, table)})`
}

/** The text as it stands between quotes in a statement or a setting. */
export function escaped(text: string): string {
  return text.replace(/[\\']/g, '\\$&')
}

const FINGERPRINT = `concat(toString(max(max_block_number)), ':', toString(sum(rows)))`

function fromParts(database: string, table: string): string {
  return `FROM system.parts WHERE active AND database = ${literal(database)} AND table = ${literal(table)}`
}

function literal(text: string): string {
  return `'${escaped(text)}'`
}
