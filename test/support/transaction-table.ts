import Papa from 'papaparse'
import { transactionsCsv, TRANSACTION_COLUMNS } from '../../tools/generator/transactions-generator.js'

export type Row = string[]
export type TextFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'xml'

/** In JSON these are numbers, with the text that they have in CSV. */
const NUMBERS = new Set(['Price', 'Quantity', 'TotalPrice', 'StockQuantity'])

/** Generated sales, a list of field texts each, in the order of TRANSACTION_COLUMNS. */
export function generatedRows(rows: number, seed: number): Row[] {
  const found: Row[] = []
  let isHeader = true
  for (const piece of transactionsCsv({ rows, seed })) {
    if (isHeader) isHeader = false
    else for (const row of Papa.parse<Row>(piece.trimEnd(), { delimiter: ',', newline: '\n' }).data) found.push(row)
  }
  return found
}

/** The table as text of a format, a record a line: record n stands on line n + firstLine of it. */
export function written(format: TextFormat, rows: Row[]): { text: string; firstLine: number } {
  switch (format) {
    case 'csv':
    case 'tsv': {
      const delimiter = format === 'csv' ? ',' : '\t'
      const line = (row: readonly string[]): string => row.map((field) => quoted(field, delimiter)).join(delimiter)
      return { text: [TRANSACTION_COLUMNS, ...rows].map((row) => `${line(row)}\n`).join(''), firstLine: 1 }
    }
    case 'ndjson':
      return { text: rows.map((row) => `${asJson(row)}\n`).join(''), firstLine: 0 }
    case 'json':
      return { text: `{"rows": ${rows.length}, "data": [\n${rows.map(asJson).join(',\n')}\n]}\n`, firstLine: 1 }
    case 'xml':
      return {
        text: `<?xml version="1.0"?>\n<sales>\n${rows.map((row) => `${asXml(row)}\n`).join('')}</sales>\n`,
        firstLine: 2,
      }
  }
}

function quoted(field: string, delimiter: string): string {
  return field.includes('"') || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field
}

function asJson(row: Row): string {
  const members = row.map((field, at) => {
    const name = TRANSACTION_COLUMNS[at]!
    const isNumber = NUMBERS.has(name) && /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(field)
    return `"${name}":${isNumber ? field : JSON.stringify(field)}`
  })
  return `{${members.join(',')}}`
}

function asXml(row: Row): string {
  const fields = row.map((field, at) => {
    const text = field.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
    return `<${TRANSACTION_COLUMNS[at]!}>${text}</${TRANSACTION_COLUMNS[at]!}>`
  })
  return `<sale>${fields.join('')}</sale>`
}
