import type { CsvChunk } from '../csv/csv-chunk.js'

/** What is wrong with a record's shape. */
export type XmlFault =
  | { kind: 'too-long' }
  /** text stands between its elements */
  | { kind: 'loose-text' }
  /** a field of this name stands twice in the record, or has elements inside */
  | { kind: 'repeated-field' | 'nested-field'; field: string }

/**
 * A CsvChunk made of XML records: `bytes` is CSV with commas, every field quoted, one record after the other. The raw
 * text of a record is its element as the file has it.
 */
export interface XmlChunk extends Omit<CsvChunk, 'faults'> {
  faults: Map<number, XmlFault>
  /** the record as CSV, without its line end: what ClickHouse got, or PLACEHOLDER and no values when it has a fault */
  csv(row: number): Buffer
}
