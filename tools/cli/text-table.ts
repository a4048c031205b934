import { printable } from './format.js'
import { styled } from './output/styles.js'

export interface TableLayout {
  /** the columns that are aligned to the right */
  numbers?: ReadonlySet<number>
  /** the header stands out where standard output is a terminal */
  isForTerminal?: boolean
}

/** Rows below a header, each column as wide as its longest value. What files and people wrote does not steer the terminal. */
export function textTable(header: string[], rows: string[][], { numbers, isForTerminal }: TableLayout = {}): string {
  const all = [header, ...rows].map((row) => row.map(printable))
  const widths = header.map((_, column) => all.reduce((width, row) => Math.max(width, row[column]!.length), 0))
  const padded = (text: string, column: number): string =>
    numbers?.has(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
  const [first, ...rest] = all.map((row) => row.map(padded).join('  ').trimEnd()) as [string, ...string[]]
  return [isForTerminal ? styled('bold', first) : first, ...rest].join('\n')
}

/** Each line further in. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
