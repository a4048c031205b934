import { keptRecord } from './formats/kept-record.js'
import type { Fault, RecordChunk } from './formats/record-source.js'
import { PLACEHOLDER_CODE, type RowProgram } from './rows/row-program.js'
import { sourceTextOf } from './rows/source-text.js'
import { fieldsOfSource, type ResolvedMapping } from './rows/source-header.js'
import type { BadRow } from './staging.service.js'

/** A row that was refused, and why. `raw` is the record's own bytes; of one that is too long the beginning, marked as cut. */
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
  /** the record as a line of CSV, where `raw` is none */
  csvRecord: Buffer
}

const VALUE_IN_REASON = 100

/** Explains the bad rows of a chunk: the engine said which and what, the record's fields give the value at fault. */
export function explainRejects(
  chunk: RecordChunk,
  bad: BadRow[],
  program: RowProgram,
  sources: ResolvedMapping,
): Reject[] {
  const fieldsOf = fieldsOfRows(chunk, bad)
  return bad.map(({ row, code }) => {
    const fields = fieldsOf.get(row)
    const kept = keptRecord(chunk, row, fields)
    const check = program.checks[code - 1]
    if (!check) return { row, ...kept, ...explainFault(chunk.fault(row), sources) }
    const value = sourceTextOf(sources.get(check.column)!, fields ?? [], row)
    const reason = check.message.replace('{value}', () => quoted(value))
    return { row, ...kept, column: check.column, reason: `${check.column}: ${reason}`, value }
  })
}

/** From the engine where only it can read them; not for placeholders, which have none. */
function fieldsOfRows(chunk: RecordChunk, bad: BadRow[]): Map<number, string[]> {
  const wellFormed = bad.filter(({ code }) => code !== PLACEHOLDER_CODE)
  const fields = chunk.fields?.(wellFormed.map(({ row }) => row))
  return new Map(wellFormed.map((each, at) => [each.row, fields?.[at] ?? each.fields ?? []]))
}

function explainFault(
  fault: Fault = { reason: 'the first field is a NUL byte' },
  sources: ResolvedMapping,
): Pick<Reject, 'column' | 'reason' | 'value'> {
  const { reason, field, value = '' } = fault
  const column = field === undefined ? undefined : columnOfField(sources, field)
  if (!column) return { column: '', reason, value }
  return { column, reason: `${column}: ${reason.replace('{value}', () => quoted(value))}`, value }
}

function columnOfField(sources: ResolvedMapping, field: number): string | undefined {
  const found = [...sources].find(([, source]) => fieldsOfSource(source).includes(field))
  return found?.[0]
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, VALUE_IN_REASON))
}
