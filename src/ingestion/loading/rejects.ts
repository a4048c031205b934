import { keptRecord } from '../formats/reject-payload.js'
import type { Fault, RecordChunk } from '../formats/record-source.js'
import { isMaybeThousands } from '../mapping/number-format.js'
import { PLACEHOLDER_CODE, type RowTransform } from '../mapping/row-transform.js'
import { sourceTextOf } from '../mapping/source-text.js'
import { fieldsOfSource, type ResolvedMapping } from '../mapping/source-header.js'
import type { NoticedRow } from './staging.service.js'

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

/** Explains the bad rows of a chunk: ClickHouse said which and what, the record's fields give the value at fault. */
export function explainRejects(
  chunk: RecordChunk,
  bad: NoticedRow[],
  transform: RowTransform,
  sources: ResolvedMapping,
): Reject[] {
  const fieldsOf = fieldsOfRows(chunk, bad)
  return bad.map(({ row, code }) => {
    const fields = fieldsOf.get(row)
    const kept = keptRecord(chunk, row, fields)
    const why = transform.reasons[code - 1]
    if (!why) return { row, ...kept, ...explainFault(chunk.fault(row), sources) }
    const value = sourceTextOf(sources.get(why.column)!, fields ?? [], row)
    const reason = why.message.replace('{value}', () => quoted(value))
    return { row, ...kept, column: why.column, reason: `${why.column}: ${reason}`, value }
  })
}

/** The row is in the dataset too. */
export function isAccepted({ code }: NoticedRow): boolean {
  return code === 0
}

/** Values of accepted rows that may mean something else: of each column one that a decimal comma would make a thousand times as large. */
export function ambiguousValuesOf(
  chunk: RecordChunk,
  ambiguous: NoticedRow[],
  transform: RowTransform,
  sources: ResolvedMapping,
): Record<string, string> {
  const fieldsOf = fieldsOfRows(chunk, ambiguous)
  // No prototype: a column may be called `constructor`.
  const ambiguousValues = Object.create(null) as Record<string, string>
  for (const { row } of ambiguous)
    for (const column of transform.ambiguousColumns) {
      const text = sourceTextOf(sources.get(column)!, fieldsOf.get(row) ?? [], row)
      if (isMaybeThousands(text)) ambiguousValues[column] ??= text.trim()
    }
  return ambiguousValues
}

/** From ClickHouse where only it can read them; not for placeholders, which have none. */
function fieldsOfRows(chunk: RecordChunk, bad: NoticedRow[]): Map<number, string[]> {
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
