import type { ResultData } from './result-data'
import type { ResultView } from './result-view'
import { isNumber, writerOf, type NumberWriter } from './value-format'

/** How each column of numbers is written, by its name. */
export type Writers = ReadonlyMap<string, NumberWriter>

export function writersOf({ columns, rows }: ResultData, { formats = {} }: ResultView): Writers {
  const numbers = columns.filter(({ type }) => isNumber(type))
  return new Map(
    numbers.map(({ name, type }) => [
      name,
      writerOf(
        type,
        rows.map((row) => row[name]),
        formats[name],
      ),
    ]),
  )
}
