import { ThriftError, ThriftType, type ThriftStruct } from './thrift-compact.js'

/** A column of plain values. */
export interface ParquetColumn {
  name: string
  type: ParquetType
  /** position of its description in the schema, and of its data in a row group */
  element: number
  leaf: number
}

/** What the values of a column are. */
export type ParquetType =
  | { kind: 'boolean' | 'integer' | 'float' | 'text' | 'date' | 'uuid' }
  | { kind: 'decimal'; precision: number; scale: number }
  /**
   * `digits` of a second's fraction; `isUtc` false is a local time of a zone that the file does not tell. INT96 is the
   * old way of Hive and Spark.
   */
  | { kind: 'timestamp'; digits: 3 | 6 | 9; isUtc: boolean; isInt96?: true }
  /** anything else, by its physical type */
  | { kind: 'other'; physical: string }

const ELEMENT = { type: 1, repetition: 3, name: 4, children: 5, converted: 6, scale: 7, precision: 8, logical: 10 }
const REPEATED = 2
const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']

/** Sorts the columns under the root into flat ones and nested ones (lists, maps, structs). Throws ThriftError. */
export function columnsOf(schema: ThriftStruct[]): { columns: ParquetColumn[]; nestedColumns: string[] } {
  const columns: ParquetColumn[] = []
  const nestedColumns: string[] = []
  let leaf = 0
  for (let element = 1; element < schema.length;) {
    const top = schema[element]!
    const name = textOf(top, ELEMENT.name)
    const end = endOf(schema, element)
    const isFlat = end === element + 1 && childrenOf(top) === 0 && integerOf(top, ELEMENT.repetition) !== REPEATED
    if (isFlat) columns.push({ name, type: typeOf(top), element, leaf })
    else nestedColumns.push(name)
    for (; element < end; element++) if (childrenOf(schema[element]!) === 0) leaf++
  }
  if (schema.length === 0) throw new ThriftError('the schema is missing')
  return { columns, nestedColumns }
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

function typeOf(element: ThriftStruct): ParquetType {
  const physical = PHYSICAL[integerOf(element, ELEMENT.type) ?? -1] ?? 'unknown'
  return logicalTypeOf(element) ?? convertedTypeOf(element) ?? physicalTypeOf(physical)
}

/** LogicalType is a union: a struct with one field. */
function logicalTypeOf(element: ThriftStruct): ParquetType | undefined {
  const union = element.get(ELEMENT.logical)?.value
  if (!(union instanceof Map)) return undefined
  const [id, field] = [...union][0] ?? []
  const inner = field?.value instanceof Map ? field.value : (new Map() as ThriftStruct)
  switch (id) {
    case 1:
    case 4:
    case 12:
      return { kind: 'text' }
    case 5:
      return { kind: 'decimal', scale: integerOf(inner, 1) ?? 0, precision: integerOf(inner, 2) ?? 0 }
    case 6:
      return { kind: 'date' }
    case 8:
      return { kind: 'timestamp', isUtc: inner.get(1)?.type === ThriftType.True, digits: digitsOf(inner.get(2)?.value) }
    case 10:
      return { kind: 'integer' }
    case 14:
      return { kind: 'uuid' }
    default:
      return undefined
  }
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
      return {
        kind: 'decimal',
        scale: integerOf(element, ELEMENT.scale) ?? 0,
        precision: integerOf(element, ELEMENT.precision) ?? 0,
      }
    case 6:
      return { kind: 'date' }
    case 9:
      return { kind: 'timestamp', isUtc: true, digits: 3 }
    case 10:
      return { kind: 'timestamp', isUtc: true, digits: 6 }
    default:
      return converted !== undefined && converted >= 11 && converted <= 18 ? { kind: 'integer' } : undefined
  }
}

function physicalTypeOf(physical: string): ParquetType {
  switch (physical) {
    case 'BOOLEAN':
      return { kind: 'boolean' }
    case 'INT32':
    case 'INT64':
      return { kind: 'integer' }
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
