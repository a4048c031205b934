import Papa from 'papaparse'
import { PREVIEW_ROWS, type Records } from './records'

/** How the text is written; what is left out is found out. */
export interface CsvForm {
  delimiter?: string
  quote?: string
  /** lines before the header */
  skipLines?: number
}

/** Papa has no way to say that there are none. */
const NO_QUOTE = '\u0000'

/** The first records of CSV text. */
export function readCsv(whole: string, form: CsvForm, isWhole: boolean): Records {
  const { text, separator } = table(whole, form.skipLines ?? 0)
  const { quote = '"' } = form
  const { data, meta } = Papa.parse<string[]>(text, {
    delimiter: form.delimiter ?? separator ?? '',
    quoteChar: quote === 'none' ? NO_QUOTE : quote,
    delimitersToGuess: [',', ';', '\t', '|'],
    preview: PREVIEW_ROWS + 2,
    skipEmptyLines: true,
  })
  // The last one may go on beyond what was read.
  const records = isWhole || meta.truncated ? data : data.slice(0, -1)
  const [headers = [], ...rows] = records
  return { headers, rows: rows.slice(0, PREVIEW_ROWS), delimiter: meta.delimiter }
}

/** Without the lines before the header, one of which may be `sep=;`. */
function table(whole: string, skipLines: number): { text: string; separator: string | undefined } {
  const [mark, separator] = /^"?sep=([^\r\n])"?\r?\n/i.exec(whole) ?? []
  let text = mark ? whole.slice(mark.length) : whole
  for (let line = mark ? 1 : 0; line < skipLines && text !== ''; line++) text = text.slice(endOfLine(text))
  return { text, separator }
}

function endOfLine(text: string): number {
  const end = text.indexOf('\n')
  return end < 0 ? text.length : end + 1
}
