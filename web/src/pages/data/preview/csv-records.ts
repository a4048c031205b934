import Papa from 'papaparse'
import { PREVIEW_ROWS, type Records } from './records'

/** The first records of CSV text. `delimiter` is empty where it is to be found out. */
export function readCsv(text: string, delimiter: string, isWhole: boolean): Records {
  const { data, meta } = Papa.parse<string[]>(text, {
    delimiter,
    delimitersToGuess: [',', ';', '\t', '|'],
    preview: PREVIEW_ROWS + 2,
    skipEmptyLines: true,
  })
  // The last one may go on beyond what was read.
  const records = isWhole || meta.truncated ? data : data.slice(0, -1)
  const [headers = [], ...rows] = records
  return { headers, rows: rows.slice(0, PREVIEW_ROWS), delimiter: meta.delimiter }
}
