import { ThriftError, ThriftType, type ThriftStruct } from './thrift-compact.js'

/** A column of plain values. */
export interface ParquetColumn {
  name: string
  type: ParquetType
  /** position of its description in the schema, and of its data in a row group */
  element: number
  leaf: number
}

/** A column whose values have no text that stands for them. */
export interface UnreadColumn {
  name: string
  /** what it has, for a sentence: "intervals" */
  holds: string
}

/** What the values of a column are. */
export type ParquetType =
  | { kind: 'boolean' | 'float' | 'text' | 'date' | 'uuid' }
  /** `isUnsigned`: of all the bits that are stored, so that the largest would else be negative */
  | { kind: 'integer'; isUnsigned: boolean }
  /** `maxDigits`: as many as its bytes can hold; undefined when that is told by its physical type */
  | { kind: 'decimal'; maxDigits: number | undefined }
  /** a time of day, of no zone: writers do not agree on what "adjusted to UTC" means of it */
  | { kind: 'time'; digits: 3 | 6 | 9 }
  /**
   * `digits` of a second's fraction; `isUtc` false is a local time of a zone that the file does not tell. INT96 is the
   * old way of Hive and Spark.
   */
  | { kind: 'timestamp'; digits: 3 | 6 | 9; isUtc: boolean; isInt96?: true }
  /** anything else, by its physical type */
  | { kind: 'other'; physical: string }

const ELEMENT = {
  type: 1,
  typeLength: 2,
  repetition: 3,
  name: 4,
  children: 5,
  converted: 6,
  scale: 7,
  precision: 8,
  logical: 10,
}
const REPEATED = 2
const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']

/** Sorts the columns under the root into those with plain values and the others. Throws ThriftError. */
export function columnsOf(schema: ThriftStruct[]): { columns: ParquetColumn[]; unreadColumns: UnreadColumn[] } {
  const columns: ParquetColumn[] = []
  const unreadColumns: UnreadColumn[] = []
  let leaf = 0
  for (let element = 1; element < schema.length;) {
    const top = schema[element]!
    const name = textOf(top, ELEMENT.name)
    const end = endOf(schema, element)
    const isFlat = end === element + 1 && childrenOf(top) === 0 && integerOf(top, ELEMENT.repetition) !== REPEATED
    const holds = isFlat ? unreadKindOf(top) : 'lists or structures'
    if (holds) unreadColumns.push({ name, holds })
    else columns.push({ name, type: typeOf(top), element, leaf })
    for (; element < end; element++) if (childrenOf(schema[element]!) === 0) leaf++
  }
  if (schema.length === 0) throw new ThriftError('the schema is missing')
  return { columns, unreadColumns }
}

/** The schema is a tree in depth-first order: where the subtree of an element ends. */
function endOf(schema: ThriftStruct[], element: number): number {
  let pending = 1
  let at = element
  for (; pending > 0; at++) {
    const next = schema[at]
    if (!next) throw new ThriftError('the schema ends too early')
    pending += childrenOf(next) - 1
  }
  return at
}

/** Documents and shapes are bytes that could pass for a text; an interval is months, days and milliseconds in one. */
function unreadKindOf(element: ThriftStruct): string | undefined {
  const logical = logicalUnionOf(element)?.id
  const converted = integerOf(element, ELEMENT.converted)
  if (logical === 13 || converted === 20) return 'BSON documents'
  if (logical === 17 || logical === 18) return 'geometries'
  if (converted === 21) return 'intervals'
  return logical !== undefined && logical > 18 ? 'values of a kind that is not known' : undefined
}

function typeOf(element: ThriftStruct): ParquetType {
  const physical = PHYSICAL[integerOf(element, ELEMENT.type) ?? -1] ?? 'unknown'
  return logicalTypeOf(element) ?? convertedTypeOf(element) ?? physicalTypeOf(physical)
}

/** LogicalType is a union: a struct with one field. */
function logicalUnionOf(element: ThriftStruct): { id: number; inner: ThriftStruct } | undefined {
  const union = element.get(ELEMENT.logical)?.value
  const [id, field] = (union instanceof Map && [...union][0]) || []
  if (id === undefined) return undefined
  return { id, inner: field?.value instanceof Map ? field.value : (new Map() as ThriftStruct) }
}

function logicalTypeOf(element: ThriftStruct): ParquetType | undefined {
  const { id, inner = new Map() as ThriftStruct } = logicalUnionOf(element) ?? {}
  switch (id) {
    case 1:
    case 4:
    case 12:
      return { kind: 'text' }
    case 5:
      return { kind: 'decimal', maxDigits: maxDigitsOf(element) }
    case 6:
      return { kind: 'date' }
    case 7:
      return { kind: 'time', digits: digitsOf(inner.get(2)?.value) }
    case 8:
      return { kind: 'timestamp', isUtc: inner.get(1)?.type === ThriftType.True, digits: digitsOf(inner.get(2)?.value) }
    case 10:
      return {
        kind: 'integer',
        isUnsigned: inner.get(2)?.type !== ThriftType.True && bitsOf(inner.get(1)?.value) >= 32,
      }
    case 14:
      return { kind: 'uuid' }
    case 15:
      return { kind: 'float' }
    default:
      return undefined
  }
}

/** Digits that the engine's decimal types have, by their bytes; bytes of any length may take the widest. */
const DECIMAL_TYPES = [
  { bytes: 4, digits: 9 },
  { bytes: 8, digits: 18 },
  { bytes: 16, digits: 38 },
  { bytes: 32, digits: 76 },
]

function maxDigitsOf(element: ThriftStruct): number | undefined {
  const physical = PHYSICAL[integerOf(element, ELEMENT.type) ?? -1]
  if (physical === 'BYTE_ARRAY') return DECIMAL_TYPES.at(-1)!.digits
  if (physical !== 'FIXED_LEN_BYTE_ARRAY') return undefined
  const length = integerOf(element, ELEMENT.typeLength) ?? 0
  return DECIMAL_TYPES.find(({ bytes }) => length <= bytes)?.digits
}

function bitsOf(width: unknown): number {
  return Buffer.isBuffer(width) ? width[0]! : 0
}

function digitsOf(unit: unknown): 3 | 6 | 9 {
  const id = unit instanceof Map ? ([...unit.keys()][0] as number) : 0
  return id === 1 ? 3 : id === 2 ? 6 : 9
}

/** What files without logical types have; times of it are in UTC. */
function convertedTypeOf(element: ThriftStruct): ParquetType | undefined {
  const converted = integerOf(element, ELEMENT.converted)
  switch (converted) {
    case 0:
    case 4:
    case 19:
      return { kind: 'text' }
    case 5:
      return { kind: 'decimal', maxDigits: maxDigitsOf(element) }
    case 6:
      return { kind: 'date' }
    case 7:
      return { kind: 'time', digits: 3 }
    case 8:
      return { kind: 'time', digits: 6 }
    case 9:
      return { kind: 'timestamp', isUtc: true, digits: 3 }
    case 10:
      return { kind: 'timestamp', isUtc: true, digits: 6 }
    default:
      return converted === 13 || converted === 14 ? { kind: 'integer', isUnsigned: true } : undefined
  }
}

function physicalTypeOf(physical: string): ParquetType {
  switch (physical) {
    case 'BOOLEAN':
      return { kind: 'boolean' }
    case 'INT32':
    case 'INT64':
      return { kind: 'integer', isUnsigned: false }
    case 'INT96':
      return { kind: 'timestamp', isUtc: true, digits: 9, isInt96: true }
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'float' }
    case 'BYTE_ARRAY':
      return { kind: 'text' }
    default:
      return { kind: 'other', physical }
  }
}

function childrenOf(element: ThriftStruct): number {
  return Math.max(0, integerOf(element, ELEMENT.children) ?? 0)
}

function integerOf(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id)?.value
  return typeof value === 'bigint' ? Number(value) : undefined
}

function textOf(struct: ThriftStruct, id: number): string {
  const value = struct.get(id)?.value
  if (!Buffer.isBuffer(value)) throw new ThriftError('a column has no name')
  return value.toString('utf8')
}
