import { BrokenFileError } from '../broken-file.error.js'
import { ThriftError, ThriftType, type ThriftField, type ThriftStruct, type ThriftValue } from './thrift-compact.js'

/** Field numbers of parquet.thrift. */
export const FILE_META_DATA = { version: 1, schema: 2, rows: 3, rowGroups: 4, createdBy: 6, encryption: 8 }
export const ROW_GROUP = { columns: 1, totalByteSize: 2, rows: 3, totalCompressedSize: 6 }
export const COLUMN_CHUNK = { filePath: 1, fileOffset: 2, metaData: 3, crypto: 8, encryptedMetaData: 9 }
export const COLUMN_META_DATA = {
  type: 1,
  path: 3,
  values: 5,
  uncompressed: 6,
  compressed: 7,
  dataPage: 9,
  dictionaryPage: 11,
}

export function orBroken<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error
    throw new BrokenFileError(`The Parquet file is broken: in its footer ${error.message}.`, error)
  }
}

export function fieldOf(struct: ThriftStruct, id: number): ThriftValue {
  const field = struct.get(id)
  if (!field) throw new ThriftError(`field ${id} is missing`)
  return field.value
}

export function structs(value: ThriftValue): ThriftStruct[] {
  if (typeof value === 'bigint' || Buffer.isBuffer(value) || value instanceof Map)
    throw new ThriftError('a list is missing')
  return value.elements.map(structOf)
}

export function structOf(value: ThriftValue): ThriftStruct {
  if (!(value instanceof Map)) throw new ThriftError('a struct is missing')
  return value
}

export function numberOf(value: ThriftValue): number {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ThriftError('a number is out of range')
  return Number(value)
}

export function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

export const i32 = (value: number): ThriftField => ({ type: ThriftType.I32, value: BigInt(value) })
export const i64 = (value: bigint): ThriftField => ({ type: ThriftType.I64, value })
export const binary = (text: string): ThriftField => ({ type: ThriftType.Binary, value: Buffer.from(text) })
export const list = (elements: ThriftValue[], elementType = ThriftType.Struct): ThriftField => ({
  type: ThriftType.List,
  value: { elementType, elements },
})
