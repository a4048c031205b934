import type { Quote } from '../../datasets/file-options.js'
import { KEPT_OF_TOO_LONG, TOO_LONG, type RecordChunk } from './record-source.js'

/** A refused record as it is kept. */
export interface RejectPayload {
  /** line of the file on which it starts, from 1 */
  line: number
  /** its own bytes */
  raw: Buffer
  /** it as a line of CSV, where `raw` is none; else empty */
  csvRecord: Buffer
}

const NO_BYTES = Buffer.alloc(0)
const LINE_ENDS = /[\r\n]+/g
const CUT_OFF = `CUT OFF: ${TOO_LONG}, and only its beginning is kept`
/**
 * Stands before the beginning of a record that is too long to be kept. Text behind a closing quote is no field for any
 * reader, so a cut record that is sent again is refused and never loaded as if it were whole.
 */
export const TRUNCATION_MARKER = `"${CUT_OFF}" `

/** `fields`: what ClickHouse read of it, of formats that only ClickHouse can read. */
export function keptRecord(chunk: RecordChunk, row: number, fields?: string[]): RejectPayload {
  const { raw, line } = chunk.record(row, fields)
  if (chunk.fault(row)?.reason !== TOO_LONG) return { line, raw, csvRecord: chunk.csvRecord?.(row, fields) ?? NO_BYTES }
  const marker = truncationMarker(chunk.quote)
  const cut = raw.toString('latin1', 0, KEPT_OF_TOO_LONG)
  const csvRecord = marker + cut.replaceAll(LINE_ENDS, ' ')
  return { line, raw: Buffer.from(marker + cut, 'latin1'), csvRecord: Buffer.from(csvRecord, 'latin1') }
}

/** Where nothing is quoted, a carriage return inside a line is what no reader takes for part of a field. */
function truncationMarker(quote: Quote = '"'): string {
  if (quote === 'none') return `${CUT_OFF}\r `
  return quote === '"' ? TRUNCATION_MARKER : `${quote}${CUT_OFF}${quote} `
}
