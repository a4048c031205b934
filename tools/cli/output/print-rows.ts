import { textTable } from '../text-table.js'
import { print } from './messages.js'
import type { Output } from './output-option.js'

/** A column of the table for people. */
export interface TableColumn<T> {
  name: string
  text: (row: T) => string
  isNumber?: boolean
}

/** Prints a list: as a table of these columns, or with all of its members for programs. */
export async function printRows<T extends object>(
  rows: readonly T[],
  columns: TableColumn<T>[],
  output: Output,
): Promise<void> {
  switch (output) {
    case 'table':
      return print(tableOf(rows, columns))
    case 'json':
      return print(JSON.stringify(rows))
    case 'ndjson':
      return rows.forEach((row) => print(JSON.stringify(row)))
    case 'csv':
      return print(await csvOf(rows))
  }
}

export function tableOf<T>(rows: readonly T[], columns: TableColumn<T>[]): string {
  const header = columns.map(({ name }) => name)
  const numbers = new Set(columns.flatMap(({ isNumber }, index) => (isNumber ? [index] : [])))
  return textTable(
    header,
    rows.map((row) => columns.map(({ text }) => text(row))),
    { numbers, isForTerminal: true },
  )
}

/** Objects within stand as JSON. */
async function csvOf(rows: readonly object[]): Promise<string> {
  const { default: papa } = await import('papaparse')
  const cells = rows.map((row) => Object.values(row).map((value) => cellOf(value)))
  return papa.unparse({ fields: Object.keys(rows[0] ?? {}), data: cells }, { newline: '\n' })
}

function cellOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
