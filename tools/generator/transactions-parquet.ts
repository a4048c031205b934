import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { INVALID_BYTE, PARQUET_DATE_DAYS, type DefectKind } from './transaction-defects.js'
import { TRANSACTION_COLUMNS, type TransactionValues } from './transactions-generator.js'

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']
type Element = Schema[number]

const ROWS_PER_GROUP = 50_000
const MILLISECONDS_A_DAY = 86_400_000
/** what an empty date or text is written as: a null */
const NULL = null

const text = (name: string): Element => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
})
const integer = (name: string, type: 'INT32' | 'INT64'): Element => ({ name, type, repetition_type: 'OPTIONAL' })
const date = (name: string): Element => ({
  name,
  type: 'INT32',
  converted_type: 'DATE',
  repetition_type: 'OPTIONAL',
})
const decimal = (name: string): Element => ({
  name,
  type: 'INT64',
  converted_type: 'DECIMAL',
  precision: 18,
  scale: 4,
  repetition_type: 'OPTIONAL',
})

/** Stock is wider than the dataset takes, so that it can be out of range. */
const ELEMENTS: Record<(typeof TRANSACTION_COLUMNS)[number], (name: string) => Element> = {
  TransactionId: text,
  TransactionDate: date,
  UserId: text,
  Country: text,
  Region: text,
  ProductId: text,
  ProductName: text,
  Category: text,
  Price: decimal,
  Quantity: (name) => integer(name, 'INT32'),
  TotalPrice: decimal,
  StockQuantity: (name) => integer(name, 'INT64'),
  AddedDate: date,
}
const COLUMNS = TRANSACTION_COLUMNS.map((name) => ELEMENTS[name](name))
const DATE = TRANSACTION_COLUMNS.indexOf('TransactionDate')

/** The records as a Parquet file, a row group of 50,000 at a time: decimals exact, dates as dates, snappy. */
export function* transactionsParquet(
  records: Iterable<{ values: TransactionValues; kind: DefectKind | undefined }>,
): Generator<Buffer> {
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'transactions', num_children: COLUMNS.length }, ...COLUMNS],
    createdBy: 'countinghouse',
  })
  let columns = emptyColumns()
  const flush = (): Buffer => {
    void parquet.write({
      columnData: COLUMNS.map(({ name }, at) => ({ name, data: columns[at]! })),
      rowGroupSize: ROWS_PER_GROUP,
    })
    columns = emptyColumns()
    return taken(writer)
  }
  for (const { values, kind } of records) {
    for (const [at, column] of columns.entries())
      column.push(kind === 'impossible-date' && at === DATE ? PARQUET_DATE_DAYS : cell(COLUMNS[at]!, values[at]!))
    if (columns[0]!.length === ROWS_PER_GROUP) yield flush()
  }
  if (columns[0]!.length > 0) yield flush()
  void parquet.finish()
  yield taken(writer)
}

function emptyColumns(): unknown[][] {
  return COLUMNS.map(() => [])
}

/** The writer's bytes so far; it goes on at the front of its buffer. */
function taken(writer: ByteWriter): Buffer {
  const bytes = Buffer.from(writer.getBytes())
  writer.index = 0
  return bytes
}

function cell(element: Element, value: string): unknown {
  if (value === '') return NULL
  if (element.converted_type === 'DATE') return Date.parse(value) / MILLISECONDS_A_DAY
  if (element.converted_type === 'DECIMAL') return BigInt(value.replace('.', '')) * 100n
  if (element.type === 'INT64') return BigInt(value)
  if (element.type === 'INT32') return Number(value)
  return value.includes(INVALID_BYTE) ? bytesOf(value) : value
}

/** Text in UTF-8, INVALID_BYTE as the byte it stands for. */
export function bytesOf(value: string): Buffer {
  const parts = value.split(INVALID_BYTE).flatMap((part, at) => [...(at > 0 ? [INVALID] : []), Buffer.from(part)])
  return Buffer.concat(parts)
}

const INVALID = Buffer.from([0xff])
