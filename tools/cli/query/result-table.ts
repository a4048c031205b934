import { isLosslessNumber, parse, type LosslessNumber } from 'lossless-json'
import type { Schemas } from '../../../clients/typescript/index.js'
import { grouped } from '../format.js'
import { tableOf } from '../output/print-rows.js'

type Row = Record<string, unknown>
/** A result whose numbers keep all of their digits. */
export type ExactResult = Pick<Schemas['QueryResponse'], 'columns'> & {
  data: Row[]
  page: { limit: LosslessNumber; returned: LosslessNumber; total: LosslessNumber | null }
  query: { cached: boolean; elapsedMs: LosslessNumber; rowsRead: LosslessNumber }
}

const NUMBERS = ['integer', 'decimal', 'number']

/** The body of a response to a query, its numbers as they are written. */
export function parseResult(body: string): ExactResult {
  return parse(body) as ExactResult
}

export function resultTable({ data, columns }: ExactResult): string {
  return tableOf(
    data,
    columns.map(({ name, type }) => ({
      name,
      isNumber: NUMBERS.includes(type),
      text: (row: Row) => cellText(row[name]),
    })),
  )
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (isLosslessNumber(value)) return grouped(value.toString())
  return typeof value === 'string' ? value : JSON.stringify(value)
}
