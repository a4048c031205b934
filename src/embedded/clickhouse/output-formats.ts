const CONTENT_TYPES: [pattern: RegExp, type: string][] = [
  [/^(JSON\w*EachRow\w*|JSONLines|NDJSON)$/i, 'application/x-ndjson; charset=UTF-8'],
  [
    /^(JSON|JSONStrings|JSONCompact|JSONCompactStrings|JSONColumns\w*|JSONCompactColumns)$/i,
    'application/json; charset=UTF-8',
  ],
  [/^CSV/i, 'text/csv; charset=UTF-8; header=absent'],
  [/^(TSV|TabSeparated)/i, 'text/tab-separated-values; charset=UTF-8'],
  [/^(Parquet|Arrow\w*|ORC|Avro|Native|RowBinary\w*|MsgPack)$/i, 'application/octet-stream'],
  [/^XML$/i, 'application/xml; charset=UTF-8'],
]

export function contentTypeOf(format: string): string {
  const type = CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8'
  return /WithNames/i.test(format) ? type.replace('absent', 'present') : type
}

const LINE_FORMAT =
  /^(JSON\w*EachRow|JSONLines|NDJSON|TSV|TabSeparated|JSONCompact\w*EachRow|TSVRaw|TabSeparatedRaw|LineAsString)(WithNames(?:AndTypes)?)?$/i
const CSV_FORMAT = /^CSV(WithNames(?:AndTypes)?)?$/i
const DOCUMENT_FORMAT = /^JSON(Strings|Compact|CompactStrings)?$/i
const NEWLINE = 10
const QUOTE = 34

/** How many rows a finished result has; undefined for formats where the bytes do not tell. */
export function countRows(format: string, result: Uint8Array): number | undefined {
  const line = LINE_FORMAT.exec(format)
  if (line !== null) return Math.max(0, countLines(result) - headerLines(line[2]))
  const csv = CSV_FORMAT.exec(format)
  if (csv !== null) return Math.max(0, countCsvRecords(result) - headerLines(csv[1]))
  if (DOCUMENT_FORMAT.test(format)) return rowsOfDocument(result)
  return undefined
}

function headerLines(suffix: string | undefined): number {
  if (suffix === undefined) return 0
  return /types$/i.test(suffix) ? 2 : 1
}

function countLines(result: Uint8Array): number {
  let count = 0
  for (let at = result.indexOf(NEWLINE); at !== -1; at = result.indexOf(NEWLINE, at + 1)) count++
  return count
}

function countCsvRecords(result: Uint8Array): number {
  let count = 0
  let quoted = false
  for (const byte of result) {
    if (byte === QUOTE) quoted = !quoted
    else if (byte === NEWLINE && !quoted) count++
  }
  return count
}

// The statistics stand at the end of the document, behind every value.
function rowsOfDocument(result: Uint8Array): number | undefined {
  const end = Buffer.from(result.subarray(Math.max(0, result.length - 1000))).toString()
  const rows = [...end.matchAll(/^\t"rows": (\d+)/gm)].at(-1)?.[1]
  return rows === undefined ? undefined : Number(rows)
}
