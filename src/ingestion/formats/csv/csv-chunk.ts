/** What is wrong with a record's shape, found before its values are looked at. */
export type ShapeFault =
  | { kind: 'ragged'; found: number; expected: number }
  | { kind: 'unclosed-quote' | 'text-after-quote' | 'bare-carriage-return' | 'too-long' }

/** A run of whole records, cut from the file at record boundaries; deterministic for a given file and options. */
export interface CsvChunk {
  index: number
  /** what ClickHouse parses: the records, with a placeholder line for each that has a shape fault */
  bytes: Buffer
  /** number of the first record, counted from 1 without the header */
  firstRow: number
  rows: number
  faults: Map<number, ShapeFault>
  /** bytes of the (decompressed) file up to the end of this chunk */
  bytesEnd: number
  /** the record's own bytes, without its line end, and the line it starts on */
  record(row: number): { raw: Buffer; line: number }
  /** Gives the chunk's memory back, to be used for a later one: nothing of this chunk may be touched after that. */
  release(): void
}
