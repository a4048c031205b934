import type { FileColumn } from '../ingestions'
import type { Records } from '../preview/records'
import { guessDateFormat } from './guess-date-format'
import { comparable, headerByName, nameable } from './header-names'
import { NO_SOURCE, type Source, type Sources } from './mapping'

/** What exports of shops and tills call the columns, the likeliest first; by the comparable name of ours. */
const OTHER_NAMES: Record<string, readonly string[]> = {
  transactionid: ['rowid', 'lineid', 'recordid', 'transactionno', 'id', 'orderid', 'invoiceno', 'invoiceid'],
  transactiondate: ['orderdate', 'invoicedate', 'saledate', 'salesdate', 'purchasedate', 'date', 'createdat'],
  userid: ['customerid', 'clientid', 'buyerid', 'memberid', 'customer'],
  country: ['countryname', 'land', 'countrycode'],
  region: ['state', 'province', 'area'],
  productid: ['stockcode', 'sku', 'itemid', 'productcode', 'itemcode', 'articleno'],
  productname: ['description', 'itemname', 'product', 'item'],
  category: ['productcategory', 'department', 'productgroup'],
  price: ['unitprice', 'priceperunit', 'itemprice'],
  quantity: ['qty', 'units', 'pieces'],
  totalprice: ['sales', 'linetotal', 'totalamount', 'amount', 'total', 'revenue'],
  stockquantity: ['stock', 'instock', 'inventory'],
  addeddate: ['dateadded', 'createddate'],
}

/** A first guess at where each column comes from. No header is used twice. */
export function guessSources(columns: readonly FileColumn[], records: Records | undefined): Sources {
  if (!records) return Object.fromEntries(columns.map(({ column }) => [column, NO_SOURCE]))
  const named = new Map(columns.map(({ column, source }) => [column, headerByName(source, records.headers)]))
  const taken = new Set(named.values())
  return Object.fromEntries(
    columns.map((column) => {
      const header = named.get(column.column) ?? likelyHeader(column, records, taken)
      taken.add(header)
      return [column.column, header === undefined ? NO_SOURCE : sourceOf(column, header, records)]
    }),
  )
}

/** A header as the source of a column, with the format of its dates where none was declared. */
export function sourceOf(column: FileColumn, header: string, records: Records | undefined): Source {
  const isOpen = column.type === 'date' && column.format === undefined
  const format = isOpen && records ? (guessDateFormat(valuesOf(header, records))?.format ?? '') : ''
  return { kind: 'header', text: header, fallback: '', format }
}

/** What the first records have under a header. */
export function valuesOf(header: string, { headers, rows }: Records): string[] {
  const at = headers.indexOf(header)
  return at < 0 ? [] : rows.map((row) => row[at] ?? '')
}

function likelyHeader(
  column: FileColumn,
  records: Records,
  taken: ReadonlySet<string | undefined>,
): string | undefined {
  const free = nameable(records.headers).filter((header) => !taken.has(header))
  const names = OTHER_NAMES[comparable(column.column)] ?? []
  const likely = names.flatMap((name) => free.filter((header) => comparable(header) === name))
  // A key that comes twice would have one record replace another.
  return column.key ? likely.find((header) => hasNoRepeats(valuesOf(header, records))) : likely[0]
}

export function hasNoRepeats(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}
