import type { DefectKind, TableFormat } from './transaction-defects.js'
import { csvRecord, TRANSACTION_COLUMNS, type TransactionValues } from './transactions-generator.js'

/** How a text format writes the table: one record a line, which is what `firstLine` counts on. */
export interface TextFormat {
  head: string
  /** `values` have the defect already when it is one of values */
  record(values: TransactionValues, kind: DefectKind | undefined, isFirst: boolean): string
  tail: string
  /** line of the first record, from 1 */
  firstLine: number
}

/** Columns that JSON has as numbers, in their own digits. */
const NUMBERS = new Set(['Price', 'Quantity', 'TotalPrice', 'StockQuantity'])
const NAME = TRANSACTION_COLUMNS.indexOf('ProductName')

export const TEXT_FORMATS: Record<Exclude<TableFormat, 'parquet'>, TextFormat> = {
  csv: delimited(','),
  tsv: delimited('\t'),
  ndjson: {
    head: '',
    record: (values, kind) => `${kind === 'broken-markup' ? jsonObject(values).slice(0, -20) : jsonObject(values)}\n`,
    tail: '',
    firstLine: 1,
  },
  json: {
    head: '[',
    record: (values, kind, isFirst) =>
      `${isFirst ? '' : ','}\n${kind === 'not-an-object' ? '42' : jsonObject(values, kind)}`,
    tail: '\n]\n',
    firstLine: 2,
  },
  xml: {
    head: '<?xml version="1.0" encoding="UTF-8"?>\n<transactions>\n',
    record: xmlRecord,
    tail: '</transactions>\n',
    firstLine: 3,
  },
}

function delimited(delimiter: string): TextFormat {
  return {
    head: `${TRANSACTION_COLUMNS.join(delimiter)}\n`,
    record: (values, kind) => {
      if (kind === 'ragged-record') return csvRecord(values.slice(0, -1), delimiter)
      const record = csvRecord(values, delimiter)
      return kind === 'text-after-quote' ? `"${values[0]}"x${record.slice(values[0]!.length)}` : record
    },
    tail: '',
    firstLine: 2,
  }
}

function jsonObject(values: TransactionValues, kind?: DefectKind): string {
  const members = TRANSACTION_COLUMNS.map((column, at) => {
    const value = values[at]!
    const isNested = kind === 'nested-value' && at === NAME
    return `${JSON.stringify(column)}:${isNested ? `{"en":${jsonText(value)}}` : jsonValue(column, value)}`
  })
  return `{${members.join(',')}}`
}

function jsonValue(column: string, value: string): string {
  if (value === '') return 'null'
  return NUMBERS.has(column) && /^-?\d+(\.\d+)?$/.test(value) ? value : jsonText(value)
}

/** JSON.stringify writes a lone surrogate, which stands for a byte here, as an escape. */
function jsonText(value: string): string {
  return JSON.stringify(value).replaceAll('\\udcff', '\udcff')
}

function xmlRecord(values: TransactionValues, kind: DefectKind | undefined): string {
  let record = '<transaction>'
  for (const [at, column] of TRANSACTION_COLUMNS.entries()) {
    const text = xmlText(values[at]!)
    record += `<${column}>${kind === 'nested-value' && at === NAME ? `<en>${text}</en>` : text}</${column}>`
    if (kind === 'repeated-field' && at === NAME) record += `<${column}>${text}</${column}>`
  }
  return `${record}</transaction>\n`
}

function xmlText(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
