import type { ColumnType } from '../../datasets/dataset-definition.js'
import type { InferredColumn } from './proposal.js'

const AS_DATA: Partial<Record<ColumnType, RegExp>> = {
  integer: /^[+-]?\d+$/,
  decimal: /^[+-]?[\d.,' ]*\d$/,
  number: /^[+-]?[\d.,' ]*\d(e[+-]?\d+)?$/i,
  date: /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/,
  timestamp: /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/,
}
/** Columns of a table that has one for each year are called so. */
const YEAR = /^(19|20)\d\d$/

const WARNING =
  'The first line looks like a row, not like a header, and its values were taken for the names of the columns: put a line of names above it.'

/** Says on its first column when the first line of a file of lines seems to be a row: all numbers and dates have one for a name. */
export function withMissingHeader(columns: InferredColumn[]): InferredColumn[] {
  const typed = columns.filter(({ type }) => AS_DATA[type])
  const isRow = typed.every(({ source, type }) => AS_DATA[type]!.test(source.trim()))
  if (!isRow || typed.every(({ source }) => YEAR.test(source.trim()))) return columns
  return columns.map((column, at) => (at > 0 ? column : { ...column, warnings: [WARNING, ...column.warnings] }))
}
