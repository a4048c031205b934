import { textTable } from '../cli/text-table.js'

type Row = Record<string, unknown>

/** Rows of a result as a table for people: numbers at the right, with thousands separators, every digit kept. */
export function demoTable(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => names.map((name) => cellOf(row[name])))
  const widths = names.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]!.length)))
  const isNumeric = names.map((name) => rows.every((row) => isNumber(row[name])))
  const aligned = (row: string[]): string[] =>
    row.map((text, column) => (isNumeric[column] ? text.padStart(widths[column]!) : text))
  return textTable(aligned(names), cells.map(aligned))
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '-'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return isNumber(value) ? separated(text) : text
}

/** 1234567.8900 -> 1,234,567.8900; exact decimals are text, and stay so. */
function separated(digits: string): string {
  const [whole, fraction] = digits.split('.')
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
}
