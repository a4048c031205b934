import Papa from 'papaparse'
import type { CsvChunk, ShapeFault } from './formats/csv-chunks.js'
import { PLACEHOLDER_CODE, type RowProgram } from './rows/row-program.js'
import { sourceTextOf } from './rows/source-text.js'
import type { ResolvedMapping } from './rows/source-header.js'
import type { BadRow } from './staging.service.js'

/** A row that was refused, and why. `raw` is the record's own bytes. */
export interface Reject {
  /** record number, from 1, without the header */
  row: number
  /** line of the file on which the record starts, from 1 */
  line: number
  /** dataset column at fault; empty when the record's shape is */
  column: string
  reason: string
  value: string
  raw: Buffer
}

const VALUE_IN_REASON = 100

/** Explains the bad rows of a chunk: the engine said which and what, papaparse gives the value that is at fault. */
export function explainRejects(
  chunk: CsvChunk,
  bad: BadRow[],
  program: RowProgram,
  sources: ResolvedMapping,
  delimiter: string,
): Reject[] {
  const records = bad.map(({ row, code }) => ({ row, code, ...chunk.record(row) }))
  const wellFormed = records.filter(({ code }) => code !== PLACEHOLDER_CODE)
  const fieldsOf = parseRecords(
    wellFormed.map(({ raw }) => raw),
    delimiter,
  )
  let next = 0
  return records.map(({ row, code, raw, line }) => {
    const check = program.checks[code - 1]
    if (!check) return { row, line, column: '', reason: shapeReason(chunk.faults.get(row)), value: '', raw }
    const value = sourceTextOf(sources.get(check.column)!, fieldsOf[next++] ?? [], row)
    const reason = check.message.replace('{value}', () => JSON.stringify(value.slice(0, VALUE_IN_REASON)))
    return { row, line, column: check.column, reason: `${check.column}: ${reason}`, value, raw }
  })
}

/** All records in one call: papaparse costs more to start than to read a short record. */
export function parseRecords(records: Buffer[], delimiter: string): string[][] {
  const lines = records.map((raw) => `${raw.toString('utf8')}\n`)
  return Papa.parse<string[]>(lines.join(''), { delimiter, newline: '\n' }).data
}

/** What is wrong with a record before its values are looked at. */
export function shapeReason(fault: ShapeFault | undefined): string {
  switch (fault?.kind) {
    case 'ragged':
      return `expected ${fault.expected} fields, found ${fault.found}`
    case 'unclosed-quote':
      return 'a quoted field is not closed'
    case 'text-after-quote':
      return 'there is text after a closing quote'
    case 'bare-carriage-return':
      return 'a carriage return outside quotes is not followed by a line feed'
    case 'too-long':
      return 'the record is longer than 1 MiB'
    case undefined:
      return 'the first field is a NUL byte'
  }
}
