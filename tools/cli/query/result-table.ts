import { isLosslessNumber, parse } from 'lossless-json'
import type { Schemas } from '../../../clients/typescript/index.js'
import { grouped } from '../format.js'
import { tableOf } from '../output/print-rows.js'

type Row = Record<string, unknown>
/** A result whose numbers keep all of their digits. */
export type ExactResult = Omit<Schemas['QueryResponse'], 'data' | 'page' | 'query' | 'credits'> & { data: Row[] }

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
