import { StreamableFile } from '@nestjs/common'
import Papa from 'papaparse'
import { Readable } from 'node:stream'

/** Whether `Accept` asks for CSV; who accepts anything gets JSON. */
export function wantsCsv(accept: string | undefined): boolean {
  return /(^|,)\s*text\/csv\b/i.test(accept ?? '')
}

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
    yield `${Papa.unparse(values, { escapeFormulae: true })}\r\n`
  }
}
