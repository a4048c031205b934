const NEWLINE = 0x0a
const TAB = 0x09
/** Texts in JSON have their newlines escaped, so these marks are found in the document's structure only. */
const DATA_BEGINS = '\n\t"data":\n\t'
const DATA_ENDS = '\n\t],\n\n\t"rows":'

/** The rows as a JSON array, how many they are, and how many rows the engine looked at for them. */
export interface EngineResult {
  data: Buffer
  rows: number
  rowsRead: number
}

interface Facts {
  rows: number
  statistics: { rows_read: number }
}

/**
 * Cuts a result in the engine's `JSON` format. That one and not JSONEachRow, because it tells the rows read also where
 * the HTTP summary does not: in the embedded engine. Its indentation is dropped in place; the rows are not parsed.
 */
export function readEngineResult(document: Buffer): EngineResult {
  const begin = document.indexOf(DATA_BEGINS)
  const end = document.lastIndexOf(DATA_ENDS)
  if (begin < 0 || end < begin) throw new Error('the engine answered in an unknown form')
  const facts = JSON.parse(`{${document.toString('utf8', end + '\n\t],'.length)}`) as Facts
  const data = document.subarray(begin + DATA_BEGINS.length, end + '\n\t]'.length)
  return { data: withoutIndentation(data), rows: facts.rows, rowsRead: facts.statistics.rows_read }
}

/** Overwrites `json` from its start and gives the part that is left. */
function withoutIndentation(json: Buffer): Buffer {
  let length = 0
  for (const byte of json) {
    if (byte !== NEWLINE && byte !== TAB) json[length++] = byte
  }
  return json.subarray(0, length)
}
