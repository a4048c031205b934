import {
  ThriftReader,
  ThriftType,
  writeThriftStruct,
  type ThriftList,
  type ThriftStruct,
} from '../../src/ingestion/formats/parquet/thrift-compact.js'

const NANOSECONDS_A_DAY = 86_400_000_000_000n
const JULIAN_DAY_OF_1970 = 2_440_588n
/** magic and footer length at a Parquet file's end */
const TAIL_BYTES = 8
const INT96 = 3n
const FIXED_LEN_BYTE_ARRAY = 7n
const DECIMAL = 5
const CONVERTED_TYPES = { UTF8: 0, DATE: 6, TIMESTAMP_MILLIS: 9, UINT_32: 13 } as const

/** A moment as Hive, Spark and Impala store it: nanoseconds of the day, then the Julian day. */
export function int96(date: string): Uint8Array {
  const nanoseconds = BigInt(Date.parse(date)) * 1_000_000n
  const ofDay = ((nanoseconds % NANOSECONDS_A_DAY) + NANOSECONDS_A_DAY) % NANOSECONDS_A_DAY
  const bytes = Buffer.alloc(12)
  bytes.writeBigInt64LE(ofDay)
  bytes.writeInt32LE(Number((nanoseconds - ofDay) / NANOSECONDS_A_DAY + JULIAN_DAY_OF_1970), 8)
  return new Uint8Array(bytes)
}

/** The Parquet file with its columns of fixed bytes as INT96, which no writer at hand writes. */
export function fixedBytesAsInt96(file: ArrayBuffer): Buffer {
  return withFooter(file, (footer) => {
    for (const element of structsOf(footer, 2)) asInt96(element)
    for (const group of structsOf(footer, 4))
      for (const chunk of structsOf(group, 1)) asInt96(chunk.get(3)!.value as ThriftStruct)
  })
}

/** The Parquet file with its columns, or the one of this name, as decimals, whatever is stored. */
export function asDecimals(file: ArrayBuffer, precision: number, scale: number, name?: string): Buffer {
  return withFooter(file, (footer) => {
    for (const element of structsOf(footer, 2).slice(1))
      if (name === undefined || nameOf(element) === name)
        element.set(6, i32(DECIMAL)).set(7, i32(scale)).set(8, i32(precision))
  })
}

/** The Parquet file with a mark on the column of this name, whatever it stores. */
export function withConvertedType(file: ArrayBuffer, name: string, mark: keyof typeof CONVERTED_TYPES): Buffer {
  return withFooter(file, (footer) => {
    structsOf(footer, 2)
      .find((element) => nameOf(element) === name)!
      .set(6, i32(CONVERTED_TYPES[mark]))
  })
}

const nameOf = (element: ThriftStruct): string => (element.get(4)!.value as Buffer).toString('utf8')
const i32 = (value: number) => ({ type: ThriftType.I32, value: BigInt(value) })

/** The Parquet file with other descriptions of its columns. */
export function withSchema(file: ArrayBuffer, elements: ThriftStruct[]): Buffer {
  return withFooter(file, (footer) => {
    const [root] = structsOf(footer, 2)
    ;(footer.get(2)!.value as ThriftList).elements = [root!, ...elements]
  })
}

function withFooter(file: ArrayBuffer, change: (footer: ThriftStruct) => void): Buffer {
  const bytes = Buffer.from(file)
  const footerAt = bytes.length - TAIL_BYTES - bytes.readUInt32LE(bytes.length - TAIL_BYTES)
  const footer = new ThriftReader(bytes.subarray(footerAt, -TAIL_BYTES)).readStruct()
  change(footer)
  const written = writeThriftStruct(footer)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(written.length)
  return Buffer.concat([bytes.subarray(0, footerAt), written, length, Buffer.from('PAR1')])
}

function structsOf(struct: ThriftStruct, field: number): ThriftStruct[] {
  return (struct.get(field)!.value as ThriftList).elements as ThriftStruct[]
}

function asInt96(described: ThriftStruct): void {
  if (described.get(1)?.value === FIXED_LEN_BYTE_ARRAY) described.set(1, { type: ThriftType.I32, value: INT96 })
}
