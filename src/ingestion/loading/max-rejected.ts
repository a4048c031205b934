import type { IngestionEntity } from '../ingestion.entity.js'

/** A whole number, or a percentage of 0 to 100 with at most four decimals. */
const MAX_REJECTED = /^(\d{1,15}|(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)%)$/
const PERCENT_SCALE = 10_000

export const MAX_REJECTED_RULE = 'must be a whole number such as 100, or a percentage from 0% to 100% such as 5%'

export function isMaxRejected(text: unknown): boolean {
  return typeof text === 'string' && MAX_REJECTED.test(text)
}

type Counted = Pick<IngestionEntity, 'maxRejected' | 'rowsRead' | 'rowsRejected'>

/** Whether more rows were rejected than may be. A percentage is of the whole file, so it is judged at its end only. */
export function hasTooManyRejected({ maxRejected, rowsRead, rowsRejected }: Counted, isAtEnd: boolean): boolean {
  if (maxRejected === null) return false
  if (!maxRejected.endsWith('%')) return rowsRejected > Number(maxRejected)
  if (!isAtEnd) return false
  // In whole numbers: 0.1% of 3,000 rows are 3, and a double might say 2.9999.
  const scaled = BigInt(Math.round(Number(maxRejected.slice(0, -1)) * PERCENT_SCALE))
  return BigInt(rowsRejected) * 100n * BigInt(PERCENT_SCALE) > scaled * BigInt(rowsRead)
}
