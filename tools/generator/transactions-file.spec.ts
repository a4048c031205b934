import { parquetReadObjects } from 'hyparquet'
import Papa from 'papaparse'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { DEFECTS_OF_FORMAT, TABLE_FORMATS, type TableFormat } from './transaction-defects.js'
import { transactionDefects, transactionsFile, type TransactionsFileOptions } from './transactions-file.js'
import { TRANSACTION_COLUMNS, transactions, transactionsCsv } from './transactions-generator.js'

type Row = Record<string, string>
const TEXT = TABLE_FORMATS.filter((format) => format !== 'parquet')

const bytesOf = (options: TransactionsFileOptions): Buffer => Buffer.concat([...transactionsFile(options)])

const fromXml = (xml: string): Row[] => {
  const rows: Row[] = []
  const parser = new SaxesParser()
  let name = ''
  parser.on('opentag', (tag) => {
    name = tag.name
    if (name === 'transaction') rows.push({})
    else if (rows.length > 0) rows.at(-1)![name] = ''
  })
  parser.on('text', (text) => {
    if (rows.length > 0 && name !== 'transaction') rows.at(-1)![name] += text
  })
  parser.on('closetag', () => (name = 'transaction'))
  parser.write(xml).close()
  return rows
}

/** JSON's numbers keep their digits as text. */
const fromJson = (json: string): Row =>
  JSON.parse(json.replace(/:(-?\d[\d.]*)(?=[,}])/g, ':"$1"').replaceAll(':null', ':""')) as Row

async function rowsOf(format: TableFormat, bytes: Buffer): Promise<Row[]> {
  const text = bytes.toString('utf8')
  switch (format) {
    case 'csv':
    case 'tsv':
      return Papa.parse<Row>(text.trimEnd(), { header: true, delimiter: format === 'csv' ? ',' : '\t' }).data
    case 'ndjson':
      return text.trimEnd().split('\n').map(fromJson)
    case 'json':
      return (JSON.parse(text) as unknown[]).map((_, at) => fromJson(text.split('\n')[at + 1]!.replace(/,$|^,/g, '')))
    case 'xml':
      return fromXml(text)
    case 'parquet': {
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
      const rows = await parquetReadObjects({ file })
      return rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => {
            if (value instanceof Date) return [name, value.toISOString().slice(0, 10)]
            return [name, ['Price', 'TotalPrice'].includes(name) ? (value as number).toFixed(2) : String(value)]
          }),
        ),
      )
    }
  }
}

describe('transactionsFile', () => {
  it('writes the CSV of transactionsCsv', () => {
    const options = { rows: 12_345, seed: 7 }
    expect(bytesOf({ ...options, format: 'csv' }).toString()).toBe([...transactionsCsv(options)].join(''))
  })

  it.each(TABLE_FORMATS)('writes the same table as %s, the same bytes each time', async (format) => {
    const options = { rows: 3_000, seed: 5 }
    const bytes = bytesOf({ ...options, format })
    expect(bytes.equals(bytesOf({ ...options, format }))).toBe(true)
    const rows = await rowsOf(format, bytes)
    const expected = [...transactions(options)].map((values) =>
      Object.fromEntries(TRANSACTION_COLUMNS.map((column, at) => [column, values[at]!])),
    )
    expect(rows).toEqual(expected)
  })

  it.each(TABLE_FORMATS)('writes %s without rows', async (format) => {
    expect(bytesOf({ format, rows: 0, seed: 1 }).toString('latin1')).toMatch(format === 'ndjson' ? /^$/ : /./)
  })

  it('splits Parquet into row groups', async () => {
    const options = { rows: 120_000, seed: 3, format: 'parquet' as const }
    const pieces = [...transactionsFile(options)]
    expect(pieces).toHaveLength(4)
    expect((await rowsOf('parquet', Buffer.concat(pieces))).at(-1)!.TransactionId).toBe('TX-000120000')
  })

  it.each(TEXT)('writes as many bad records as asked into %s, on the lines it tells, of all kinds', (format) => {
    const options = { format, rows: 20_000, seed: 11, badRatio: 0.03 }
    const defects = [...transactionDefects(options)]
    expect(defects).toHaveLength(600)
    expect(DEFECTS_OF_FORMAT[format]).toHaveLength(12)
    for (const kind of DEFECTS_OF_FORMAT[format])
      expect(
        defects.filter((defect) => defect.kind === kind),
        kind,
      ).toHaveLength(50)
    const clean = bytesOf({ ...options, badRatio: 0 })
      .toString('latin1')
      .split('\n')
    const bad = bytesOf(options).toString('latin1').split('\n')
    expect(bad).toHaveLength(clean.length)
    const changed = bad.flatMap((line, at) => (line === clean[at] ? [] : [at + 1]))
    expect(changed).toEqual(defects.map(({ line }) => line))
    const id = (row: number): string => `TX-${String(row).padStart(9, '0')}`
    for (const { row, line } of defects) expect(clean[line! - 1]).toContain(id(row))
  })

  it('tells the reason of a defect', () => {
    const defects = [...transactionDefects({ format: 'csv', rows: 100, seed: 2, badRatio: 0.5 })]
    const reasons = new Map(defects.map(({ kind, column, reason }) => [kind, { column, reason }]))
    expect(reasons.get('not-an-integer')).toEqual({ column: 'Quantity', reason: 'Quantity: "two" is not an integer' })
    expect(reasons.get('ragged-record')).toEqual({ column: null, reason: 'expected 13 fields, found 12' })
    expect(reasons.get('required-is-empty')).toEqual({ column: 'Country', reason: 'Country: is required' })
    expect(reasons.get('invalid-utf8')!.reason).toMatch(/^Region: ".*\ufffd" is not valid UTF-8$/)
  })

  it('puts a byte into invalid text that is in no UTF-8', () => {
    const bytes = bytesOf({ format: 'csv', rows: 100, seed: 2, badRatio: 0.5 })
    expect(bytes.filter((byte) => byte === 0xff).length).toBeGreaterThan(0)
  })

  it.each([0, 1e-9, 0.5, 1])('takes a ratio of %d', (badRatio) => {
    for (const format of TABLE_FORMATS) {
      const defects = [...transactionDefects({ format, rows: 100, seed: 4, badRatio })]
      expect(defects).toHaveLength(Math.floor(100 * badRatio))
      expect(new Set(defects.map(({ row }) => row)).size).toBe(defects.length)
    }
  })
})
