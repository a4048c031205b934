import type { ClickHouseSettings } from '@clickhouse/client'
import type { Readable } from 'node:stream'
import type { Quote } from '../../datasets/file-options.js'
import type { ClickHouseStatementError } from '../../infrastructure/clickhouse/clickhouse.errors.js'

/** A file opened for reading as records, whatever its format. */
export interface RecordSource {
  /** names of the fields; of formats whose records name their own, those that the first records have */
  header: string[]
  /** so many names of the header stand in the file, the others may yet come; all of them when left out */
  ownFields?: number
  /** the header as the first line of the CSV of rejected records, without its line end */
  headerRecord: Buffer
  input: ClickHouseInput
  /** fields that are numbers by their type, so that no options say how they are written */
  numericFields?: ReadonlySet<number>
  /** fields that are dates or times by their type, which come as ISO */
  temporalFields?: ReadonlySet<number>
  /** Chunks are a function of the file and these options: a job that is resumed meets the same ones. */
  chunks(options: ChunkOptions): AsyncGenerator<RecordChunk>
}

export interface ChunkOptions {
  /** a chunk ends with the first record that reaches this many bytes */
  chunkBytes: number
  /** positions in the header of the fields that the mapping uses */
  used: ReadonlySet<number>
  /**
   * Those whose texts have decimal commas: a number that is one in the format itself, as JSON has them, is written with an
   * exponent, so that its point is known for what it is.
   */
  commaNumbers?: ReadonlySet<number>
}

/** How ClickHouse reads a chunk's bytes. */
export interface ClickHouseInput {
  format: 'CSV' | 'Parquet'
  settings: ClickHouseSettings
  /** the columns that the bytes fill, and SQL that declares them and the text fields; left out: the fields themselves */
  columns?: { names: string[]; declarations: string[] }
  /** only ClickHouse can read the bytes, so it keeps the fields of the records that it refuses */
  keepsFields?: true
  /** ClickHouse's error at a chunk as one of the file, when the file is at fault; only where nobody read the bytes before. */
  fileFault?(error: ClickHouseStatementError, chunk: RecordChunk): Error | undefined
}

/** A run of whole records, cut from the file at record boundaries. */
export interface RecordChunk {
  index: number
  /** what ClickHouse parses: every record in the file's order, with a placeholder for each that has a fault */
  bytes: Buffer | Readable
  /** number of the first record, counted from 1 without the header */
  firstRow: number
  rows: number
  /** of CSV: what quotes its fields; `"` when left out */
  quote?: Quote
  /** bytes of the (decompressed) file up to the end of this chunk */
  bytesEnd: number
  /** what is wrong with a record before its values are looked at */
  fault(row: number): Fault | undefined
  /** The record's own bytes, without its line end, and the line it starts on; of formats without text, from its fields. */
  record(row: number, fields?: string[]): { raw: Buffer; line: number }
  /** texts of these records' fields, in the header's order; undefined when only ClickHouse can read them */
  fields?(rows: number[]): string[][]
  /** the record as a line of CSV under the header, where its own bytes are none */
  csvRecord?(row: number, fields: string[] | undefined): Buffer
  /** Gives the chunk's memory back, to be used for a later one: nothing of this chunk may be touched after that. */
  release(): void
}

export interface Fault {
  reason: string
  /** position of the field at fault, when it is one */
  field?: number
  value?: string
}

/**
 * First field of a placeholder record. It keeps ClickHouse's record numbers in step with the file's; the row
 * transform refuses it, and no record of a file can be taken for one and be accepted.
 */
export const PLACEHOLDER = '\0'

export const MAX_RECORD_BYTES = 1024 * 1024
/** how much of a record that is too long is kept for its reject */
export const KEPT_OF_TOO_LONG = 4096
export const TOO_LONG = 'the record is longer than 1 MiB'
/** a chunk of short records is cut after this many */
export const MAX_CHUNK_RECORDS = 500_000
/** a header may have this many fields */
export const MAX_FIELDS = 2_000

/** How ClickHouse reads CSV: values reach the row transform exactly as they stand in the file. */
export function csvInput(delimiter: string, quote: Quote = '"'): ClickHouseInput {
  return {
    format: 'CSV',
    settings: {
      format_csv_delimiter: delimiter,
      input_format_csv_trim_whitespaces: 0,
      input_format_csv_empty_as_default: 0,
      input_format_csv_detect_header: 0,
      input_format_csv_allow_variable_number_of_columns: 0,
      input_format_csv_allow_whitespace_or_tab_as_delimiter: 1,
      format_csv_allow_single_quotes: quote === "'" ? 1 : 0,
      format_csv_allow_double_quotes: quote === '"' ? 1 : 0,
    },
  }
}

/** One record as a line of CSV, without its line end. */
export function csvLine(fields: string[]): string {
  return fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}
