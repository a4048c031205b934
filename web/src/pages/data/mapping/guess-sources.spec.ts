import { describe, expect, it } from 'vitest'
import type { FileColumn } from '../ingestions'
import { contradictionOf, guessDateFormat } from './guess-date-format'
import { guessSources } from './guess-sources'
import { faultOfTemplate, mappingOf, missingOf, NO_SOURCE, unusedHeaders, type Sources } from './mapping'

const column = (name: string, changes: Partial<FileColumn> = {}): FileColumn => ({
  ...{ column: name, source: name, title: name, type: 'text', required: false, key: false },
  ...changes,
})

const COLUMNS: FileColumn[] = [
  column('TransactionId', { key: true, required: true }),
  column('TransactionDate', { type: 'date', required: true }),
  column('UserId'),
  column('Country', { required: true }),
  column('Region'),
  column('ProductId', { required: true }),
  column('ProductName'),
  column('Category'),
  column('Price', { type: 'decimal' }),
  column('Quantity', { type: 'integer', required: true }),
  column('TotalPrice', { type: 'decimal' }),
  column('StockQuantity', { type: 'integer' }),
  column('AddedDate', { type: 'date' }),
]
const DATASET = {
  ...{ name: 'transactions', title: 'Transactions', description: '', columns: COLUMNS },
  alternatives: [['Price', 'TotalPrice']],
  isDeclared: false,
  fileOptions: {},
}

/** A guess as `column: header`, without the columns that have no source. */
const guessed = (headers: string[], ...rows: string[][]): Record<string, string> => {
  const sources = guessSources(COLUMNS, { headers, rows })
  const named = Object.entries(sources).filter(([, { kind }]) => kind === 'header')
  return Object.fromEntries(named.map(([name, { text }]) => [name, text]))
}

describe('the guess at where the columns come from', () => {
  it('finds names whatever their case, spaces, _ and -', () => {
    expect(guessed(['transaction_id', 'TRANSACTION DATE', 'user-id', 'Stock Quantity'])).toEqual({
      ...{ TransactionId: 'transaction_id', TransactionDate: 'TRANSACTION DATE' },
      ...{ UserId: 'user-id', StockQuantity: 'Stock Quantity' },
    })
  })

  it('knows what exports of shops call them', () => {
    const superstore = ['Row ID', 'Order ID', 'Order Date', 'Customer ID', 'Country', 'State', 'Product ID', 'Sales']
    expect(guessed(superstore)).toEqual({
      ...{ TransactionId: 'Row ID', TransactionDate: 'Order Date', UserId: 'Customer ID', Country: 'Country' },
      ...{ Region: 'State', ProductId: 'Product ID', TotalPrice: 'Sales' },
    })
    const retail = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID']
    expect(guessed(retail)).toEqual({
      ...{ TransactionId: 'InvoiceNo', TransactionDate: 'InvoiceDate', UserId: 'CustomerID', ProductId: 'StockCode' },
      ...{ ProductName: 'Description', Price: 'UnitPrice', Quantity: 'Quantity' },
    })
  })

  it('takes a name of ours before a likely one, and no header twice', () => {
    expect(guessed(['id', 'TransactionId', 'Amount', 'TotalPrice'])).toEqual({
      ...{ TransactionId: 'TransactionId', TotalPrice: 'TotalPrice' },
    })
    const headers = Object.values(guessed(['product', 'item', 'description', 'date', 'id']))
    expect(new Set(headers).size).toBe(headers.length)
  })

  it('takes no key whose values repeat in the first rows', () => {
    const rows = [
      ['INV-1', '1'],
      ['INV-1', '2'],
    ]
    expect(guessed(['InvoiceNo', 'id'], ...rows)).toEqual({ TransactionId: 'id' })
    expect(guessed(['InvoiceNo'], ...rows)).toEqual({})
  })

  it('leaves headers alone that are empty or stand there twice', () => {
    expect(guessed(['', 'Country', 'country', 'Land', 'Land'])).toEqual({})
  })

  it('says nothing where the headers are unknown', () => {
    expect(Object.values(guessSources(COLUMNS, undefined))).toEqual(COLUMNS.map(() => NO_SOURCE))
  })

  it('knows the format of the dates', () => {
    const { TransactionDate, AddedDate } = guessSources(COLUMNS, {
      headers: ['Order Date', 'AddedDate'],
      rows: [['31.01.2024', '2024-01-31']],
    })
    expect([TransactionDate!.format, AddedDate!.format]).toEqual(['D.M.YYYY', ''])
  })
})

describe('the guess at a date format', () => {
  it.each([
    [['2024-01-31', '2024-01-31T10:00:00Z'], ''],
    [['1/31/2024', '12/1/2024'], 'M/D/YYYY'],
    [['31/1/2024', '1/12/2024'], 'D/M/YYYY'],
    [['31.1.2024'], 'D.M.YYYY'],
    [['20240131'], 'YYYYMMDD'],
    [['31 Jan 2024'], 'D MMM YYYY'],
    [['January 31, 2024'], 'MMM D, YYYY'],
    [['12/25/2010 8:26'], 'M/D/YYYY H:mm'],
    [['25.12.2010 08:26:59'], 'D.M.YYYY H:mm:ss'],
    [['', ' 1/31/2024 '], 'M/D/YYYY'],
    [['1/31/2024', '2/28/2024', 'total'], 'M/D/YYYY'],
  ])('%j: %j', (dates, format) => {
    expect(guessDateFormat(dates)).toEqual({ format })
  })

  it('names the other one that fits as well', () => {
    expect(guessDateFormat(['1/2/2024', '3/4/2024'])).toEqual({ format: 'M/D/YYYY', rival: 'D/M/YYYY' })
  })

  it.each([[[]], [['']], [['soon', 'later']], [['1/31/2024', 'soon', 'later']], [['45/45/2024']]])(
    'gives up at %j',
    (dates) => expect(guessDateFormat(dates)).toBeUndefined(),
  )

  it.each([
    ['D/M/YYYY', ['1/2/2024', '1/31/2024'], '1/31/2024'],
    ['YYYY-MM-DD', ['2024-01-31', '31.1.2024'], '31.1.2024'],
    ['M/D/YYYY H:mm', ['2010-12-25 8:26'], '2010-12-25 8:26'],
    ['M/D/YYYY', ['1/31/2024', ''], undefined],
    ['X', ['1706659200'], undefined],
  ])('the format %j with %j is contradicted by %j', (format, dates, value) => {
    expect(contradictionOf(format, dates)).toBe(value)
  })
})

describe('the mapping that is sent', () => {
  const header = (text: string, changes = {}) => ({ ...NO_SOURCE, kind: 'header' as const, text, ...changes })
  const mapping = (sources: Sources, headers?: string[]) => mappingOf(COLUMNS, sources, headers)

  it('leaves to the server what it finds by its name', () => {
    expect(mapping({ Country: header('country') }, ['country'])).toBeUndefined()
    expect(mapping({ Country: header('Land') }, ['Land'])).toEqual({ Country: 'Land' })
  })

  it('keeps a column empty that a header of its name would fill', () => {
    expect(mapping({ Region: NO_SOURCE }, ['region', 'Land'])).toEqual({ Region: { value: '' } })
    expect(mapping({ Region: NO_SOURCE }, ['Land'])).toBeUndefined()
  })

  it('has defaults, formats, templates and constants', () => {
    const sources: Sources = {
      TransactionId: { ...NO_SOURCE, kind: 'template', text: '{a}-{#row}' },
      TransactionDate: header('date', { format: 'D.M.YYYY' }),
      Country: { ...NO_SOURCE, kind: 'constant', text: 'France' },
      Category: header('kind', { fallback: 'Other' }),
    }
    expect(mapping(sources, ['a', 'date', 'kind'])).toEqual({
      TransactionId: { template: '{a}-{#row}' },
      TransactionDate: { from: 'date', format: 'D.M.YYYY' },
      Country: { value: 'France' },
      Category: { from: 'kind', default: 'Other' },
    })
  })

  it('is not complete without the columns that every row needs', () => {
    const all = Object.fromEntries(COLUMNS.map(({ column: name }) => [name, header('x')]))
    expect(missingOf(DATASET, all, ['x'])).toEqual([])
    expect(missingOf(DATASET, { ...all, Country: NO_SOURCE, Price: NO_SOURCE }, ['x'])).toEqual([
      'Country needs a source.',
    ])
    expect(missingOf(DATASET, { ...all, Price: NO_SOURCE, TotalPrice: header('') }, ['x'])).toEqual([
      'One of Price and TotalPrice needs a source.',
    ])
    expect(missingOf(DATASET, {}, undefined)).toEqual([])
  })

  it.each([
    ['{a}-{#row}', undefined],
    ['{A }x', undefined],
    ['{a', 'A { or } has no partner.'],
    ['{b}', 'The file has no column "b".'],
  ])('says what is wrong with the template %s', (template, fault) => {
    expect(faultOfTemplate(template, ['a'])).toBe(fault)
  })

  it('knows the header and the date format that a column was declared with', () => {
    const declared = [
      column('day', { source: 'Order Date', type: 'date', format: 'D.M.YYYY' }),
      column('sales', { source: 'Turnover' }),
    ]
    const records = { headers: ['order_date', 'Turnover', 'sales'], rows: [['01.02.2024', '5', '6']] }
    const sources = guessSources(declared, records)
    expect(sources.day).toMatchObject({ text: 'order_date', format: '' })
    expect(sources.sales).toMatchObject({ text: 'Turnover' })
    expect(mappingOf(declared, sources, records.headers)).toBeUndefined()
  })

  it('names the headers that go nowhere', () => {
    const sources = { A: header('Order ID'), B: { ...NO_SOURCE, kind: 'template' as const, text: '{City}-{#row}' } }
    expect(unusedHeaders(['order_id', 'city', 'Profit', ''], sources)).toEqual(['Profit'])
  })
})
