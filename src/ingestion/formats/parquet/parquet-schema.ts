import { SCHEMA_ELEMENT, integerOf, isUnreadType, parquetTypeOf, type ParquetType } from './parquet-type.js'
import { ThriftError, type ThriftStruct } from './thrift-compact.js'

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

const REPEATED = 2

/** Sorts the columns under the root into those with plain values and the others. Throws ThriftError. */
export function columnsOf(schema: ThriftStruct[]): { columns: ParquetColumn[]; unreadColumns: UnreadColumn[] } {
  const columns: ParquetColumn[] = []
  const unreadColumns: UnreadColumn[] = []
  let leaf = 0
  for (let element = 1; element < schema.length;) {
    const top = schema[element]!
    const name = textOf(top, SCHEMA_ELEMENT.name)
    const end = endOf(schema, element)
    const isFlat =
      end === element + 1 && childrenOf(top) === 0 && integerOf(top, SCHEMA_ELEMENT.repetition) !== REPEATED
    const type = isFlat ? parquetTypeOf(top) : { holds: 'lists or structures' }
    if (isUnreadType(type)) unreadColumns.push({ name, ...type })
    else columns.push({ name, type, element, leaf })
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

function childrenOf(element: ThriftStruct): number {
  return Math.max(0, integerOf(element, SCHEMA_ELEMENT.children) ?? 0)
}

function textOf(struct: ThriftStruct, id: number): string {
  const value = struct.get(id)?.value
  if (!Buffer.isBuffer(value)) throw new ThriftError('a column has no name')
  return value.toString('utf8')
}
