import { ClickHouseStatementError } from '../../../infrastructure/clickhouse/clickhouse.errors.js'
import { BrokenFileError } from '../broken-file.error.js'

/**
 * What ClickHouse's reader, and what unpacks the pages for it, say of bytes that make no sense (ClickHouse's
 * ErrorCodes.cpp). Found by changing bytes of files of several writers.
 */
const BROKEN_CODES = new Set([
  6, // CANNOT_PARSE_TEXT
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  117, // INCORRECT_DATA
  271, // CANNOT_DECOMPRESS
  321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  354, // ZLIB_INFLATE_FAILED
  448, // BROTLI_READ_FAILED
  561, // ZSTD_DECODER_FAILED
  1001, // STD_EXCEPTION: what the Thrift library throws
])
const UNREAD_CODES = new Set([
  48, // NOT_IMPLEMENTED
  72, // CANNOT_PARSE_NUMBER: a decimal of more than 32 bytes
  344, // SUPPORT_IS_DISABLED
])
/** ends the message of whatever fails in the reader, and of nothing that fails behind it */
const READER = /While executing Parquet\w*Format/
const OUT_OF_MEMORY = /std::bad_alloc/
const PART_COLUMN = /column:? '?p(\d+)\b/

/**
 * ClickHouse's error at a part of a Parquet file, as one of the file, which would come again at each attempt; undefined
 * when the file need not be at fault. `header` has the names of the part's columns p0, p1 …
 */
export function parquetFault(
  error: ClickHouseStatementError,
  header: string[],
  { firstRow, rows }: { firstRow: number; rows: number },
): BrokenFileError | undefined {
  const { clickhouseCode, message } = error
  const isBroken = BROKEN_CODES.has(clickhouseCode)
  if (!(isBroken || UNREAD_CODES.has(clickhouseCode)) || !READER.test(message) || OUT_OF_MEMORY.test(message))
    return undefined
  const column = header[Number(PART_COLUMN.exec(message)?.[1] ?? -1)]
  const where = `${column === undefined ? 'its data' : `column "${column}"`} of the rows ${firstRow} to ${firstRow + rows - 1}`
  return new BrokenFileError(
    isBroken
      ? `The Parquet file is broken: ${where} cannot be read. Nothing was loaded.`
      : `The Parquet file is written in a way that is not supported: ${where}. Nothing was loaded.`,
    error,
  )
}
