import { StreamableFile } from '@nestjs/common'
import Papa from 'papaparse'
import { Readable } from 'node:stream'

/**
 * What a spreadsheet takes for a formula, also in full width and behind blanks, controls or marks that it skips. Papa's
 * own expression takes no text with a line break or separator in it for one.
 */
const FORMULA = /^[\s\p{C}\p{Z}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u

/** What a list answers as that can also be had as a file. */
export const JSON_OR_CSV = ['application/json', 'text/csv'] as const

/**
 * A CSV file of rows that come in batches, with a header and only these columns. One batch is in memory at a time, and
 * the batches end when the client goes away. Texts that a spreadsheet would take for a formula get an apostrophe in
 * front, so that nothing that a stranger put into a log is executed by whoever opens it.
 */
export function csvFile<Row extends object>(
  fileName: string,
  columns: (keyof Row & string)[],
  batches: AsyncIterable<Row[]>,
): StreamableFile {
  return new StreamableFile(Readable.from(lines(columns, batches), { objectMode: false }), {
    type: 'text/csv; charset=utf-8',
    disposition: `attachment; filename="${fileName}"`,
  })
}

async function* lines<Row extends object>(
  columns: (keyof Row & string)[],
  batches: AsyncIterable<Row[]>,
): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`
  for await (const rows of batches) {
    const values = rows.map((row) => columns.map((column) => row[column]))
    yield `${Papa.unparse(values, { escapeFormulae: FORMULA })}\r\n`
  }
}
