import type { DatasetDefinition } from './dataset-definition.js'

/** The engine's code when `throwIf` throws. */
export const STAMP_HAS_CHANGED = 395

/** One row, `stamp`: what TableProof says of it. */
export function stampSql(database: string, { table }: DatasetDefinition): string {
  return `SELECT ${STAMP} AS stamp ${fromParts(database, table)}`
}

/**
 * A condition that is true for every row as long as the table has this stamp, and fails the statement when it has another
 * one. The engine makes the set behind IN when it runs the statement, so after it has taken the statement's snapshot in
 * order to plan it (test/accelerators.e2e-spec.ts looks whether it still does): what is in the snapshot is in the stamp.
 */
export function hasStampSql(database: string, { table }: DatasetDefinition, stamp: string): string {
  return `1 IN (SELECT 1 + throwIf(${STAMP} != ${literal(stamp)}) ${fromParts(database, table)})`
}

/** The text as it stands between quotes in a statement or a setting. */
export function escaped(text: string): string {
  return text.replace(/[\\']/g, '\\$&')
}

const STAMP = `concat(toString(max(max_block_number)), ':', toString(sum(rows)))`

function fromParts(database: string, table: string): string {
  return `FROM system.parts WHERE active AND database = ${literal(database)} AND table = ${literal(table)}`
}

function literal(text: string): string {
  return `'${escaped(text)}'`
}
