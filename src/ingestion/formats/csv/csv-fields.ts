import Papa from 'papaparse'

/** The records' fields, as papaparse reads them; in one call, since it costs more to start than to read a record. */
export function parseRecords(records: Buffer[], delimiter: string): string[][] {
  const lines = records.map((raw) => `${raw.toString('utf8')}\n`)
  return Papa.parse<string[]>(lines.join(''), { delimiter, newline: '\n' }).data
}
