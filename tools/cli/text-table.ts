import { printable } from './format.js'

/** Rows below a header, each column as wide as its longest value. What files and people wrote does not steer the terminal. */
export function textTable(header: string[], rows: string[][]): string {
  const all = [header, ...rows].map((row) => row.map(printable))
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (row: string[]): string => row.map((text, column) => text.padEnd(widths[column]!)).join('  ')
  return all.map((row) => line(row).trimEnd()).join('\n')
}

/** Each line further in. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
