import { MAX_RECORD_BYTES } from '../record-source.js'
import { ThriftType, type ThriftStruct } from './thrift-compact.js'

/** What the values of a column are, and how they are stored. */
export type ParquetType =
  | { kind: 'boolean' | 'uuid' | 'int96' }
  /** `bits` are those that the engine reads: it makes 32 of 16 */
  | { kind: 'float'; bits: 32 | 64 }
  /** `fixedBytes`: the length of every value, where all have the same */
  | { kind: 'text'; fixedBytes: number | undefined }
  /** `bits` are those that are stored; `isUnsigned`: of all of them, so that the largest would else be negative */
  | { kind: 'integer'; bits: IntegerBits; isUnsigned: boolean }
  /** a decimal stored as an integer */
  | { kind: 'decimal'; bits: IntegerBits; scale: number }
  /** a decimal stored as bytes; `digits`: as many as ClickHouse needs to hold what is stored */
  | { kind: 'bytesDecimal'; digits: number; scale: number }
  | { kind: 'date'; bits: IntegerBits }
  /** a time of day, of no zone: writers do not agree on what "adjusted to UTC" means of it */
  | { kind: 'time'; bits: IntegerBits; digits: FractionDigits }
  /** `digits` of a second's fraction; `isUtc` false is a local time of a zone that the file does not tell */
  | { kind: 'timestamp'; bits: IntegerBits; digits: FractionDigits; isUtc: boolean }

export type IntegerBits = 32 | 64
export type FractionDigits = 3 | 6 | 9

/** Values that are not read; what they are, for a sentence: "intervals". */
export interface UnreadType {
  holds: string
}

/** Fields of the union LogicalType of parquet.thrift. */
const LOGICAL = {
  ...{ string: 1, enum: 4, decimal: 5, date: 6, time: 7, timestamp: 8, integer: 10, unknown: 11, json: 12 },
  ...{ bson: 13, uuid: 14, float16: 15, geometry: 17, geography: 18 },
}
/** Values of ConvertedType of parquet.thrift; uint8 to int64 are eight in a row. */
const CONVERTED = {
  ...{ utf8: 0, enum: 4, decimal: 5, date: 6, timeMillis: 7, timeMicros: 8, timestampMillis: 9, timestampMicros: 10 },
  ...{ uint8: 11, uint64: 14, int64: 18, json: 19, bson: 20, interval: 21 },
}
/** Field numbers of SchemaElement in parquet.thrift. */
export const SCHEMA_ELEMENT = {
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

const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']
/** by the field of the union TimeUnit */
const FRACTION_DIGITS: (FractionDigits | undefined)[] = [undefined, 3, 6, 9]
const UUID_BYTES = 16
const FLOAT16_BYTES = 2
/** The widest decimal that ClickHouse has. */
const MAX_DECIMAL_DIGITS = 76
/** Digits that ClickHouse's decimal types have, by their bytes; bytes of any length may take the widest. */
const DECIMAL_TYPES = [
  { bytes: 4, digits: 9 },
  { bytes: 8, digits: 18 },
  { bytes: 16, digits: 38 },
  { bytes: 32, digits: MAX_DECIMAL_DIGITS },
]

/** What a column of plain values is annotated with, whichever of its two ways the file uses. */
type Annotation =
  | { kind: 'text' | 'date' | 'uuid' | 'float16' }
  | { kind: 'decimal'; scale: number }
  | { kind: 'integer'; isUnsigned: boolean; width: number }
  | { kind: 'time'; digits: FractionDigits }
  | { kind: 'timestamp'; digits: FractionDigits; isUtc: boolean }

export function isUnreadType(type: ParquetType | UnreadType): type is UnreadType {
  return 'holds' in type
}

/**
 * The type of a flat column. An annotation that does not go with what is stored is refused: whatever were made of such
 * values would be a guess.
 */
export function parquetTypeOf(element: ThriftStruct): ParquetType | UnreadType {
  const annotation = logicalAnnotationOf(element) ?? convertedAnnotationOf(element)
  if (annotation && 'holds' in annotation) return annotation
  const stored = storedTypeOf(element)
  if (!annotation || 'holds' in stored) return stored
  return annotatedType(annotation, stored, element) ?? misfit(annotation, element)
}

/** Of fixed bytes ClickHouse has values of 16 MiB at most, and no record may have more than 1 MiB. */
function storedTypeOf(element: ThriftStruct): ParquetType | UnreadType {
  const physical = physicalOf(element)
  switch (physical) {
    case 'BOOLEAN':
      return { kind: 'boolean' }
    case 'INT32':
      return { kind: 'integer', bits: 32, isUnsigned: false }
    case 'INT64':
      return { kind: 'integer', bits: 64, isUnsigned: false }
    case 'INT96':
      return { kind: 'int96' }
    case 'FLOAT':
      return { kind: 'float', bits: 32 }
    case 'DOUBLE':
      return { kind: 'float', bits: 64 }
    case 'BYTE_ARRAY':
      return { kind: 'text', fixedBytes: undefined }
    case 'FIXED_LEN_BYTE_ARRAY': {
      const fixedBytes = integerOf(element, SCHEMA_ELEMENT.typeLength) ?? 0
      if (fixedBytes > 0 && fixedBytes <= MAX_RECORD_BYTES) return { kind: 'text', fixedBytes }
      return { holds: `values of ${fixedBytes} bytes each, which is not 1 to ${MAX_RECORD_BYTES}` }
    }
    default:
      return { holds: 'values of a type that is not known' }
  }
}

function annotatedType(annotation: Annotation, stored: ParquetType, element: ThriftStruct): ParquetType | undefined {
  const bits = stored.kind === 'integer' ? stored.bits : undefined
  const bytes = stored.kind === 'text' ? stored.fixedBytes : undefined
  switch (annotation.kind) {
    case 'text':
      return stored.kind === 'text' ? stored : undefined
    case 'uuid':
      return bytes === UUID_BYTES ? { kind: 'uuid' } : undefined
    case 'float16':
      return bytes === FLOAT16_BYTES ? { kind: 'float', bits: 32 } : undefined
    case 'decimal':
      return decimalType(annotation.scale, stored, element)
    case 'integer':
      // What is stored may be wider than the annotation tells: it is read as it is.
      return bits && { kind: 'integer', bits, isUnsigned: annotation.isUnsigned && annotation.width === bits }
    case 'date':
      return bits && { kind: 'date', bits }
    case 'time':
      return bits && { ...annotation, bits }
    case 'timestamp':
      return bits && { ...annotation, bits }
  }
}

/** The precision is not looked at: all digits that are stored are read, be they more or fewer. */
function decimalType(scale: number, stored: ParquetType, element: ThriftStruct): ParquetType | undefined {
  if (!(scale >= 0 && scale <= MAX_DECIMAL_DIGITS) || scaleIsToldTwice(element)) return undefined
  if (stored.kind === 'integer') return { kind: 'decimal', bits: stored.bits, scale }
  if (stored.kind !== 'text') return undefined
  const widest = DECIMAL_TYPES.at(-1)!.bytes
  const fits = DECIMAL_TYPES.find(({ bytes, digits }) => (stored.fixedBytes ?? widest) <= bytes && scale <= digits)
  return fits && { kind: 'bytesDecimal', digits: fits.digits, scale }
}

function scaleIsToldTwice(element: ThriftStruct): boolean {
  const { id, inner } = logicalUnionOf(element) ?? {}
  const own = integerOf(element, SCHEMA_ELEMENT.scale)
  return id === 5 && own !== undefined && own !== (integerOf(inner!, 1) ?? 0)
}

function misfit({ kind }: Annotation, element: ThriftStruct): UnreadType {
  const physical = physicalOf(element)
  const length = physical === 'FIXED_LEN_BYTE_ARRAY' ? `(${integerOf(element, SCHEMA_ELEMENT.typeLength)})` : ''
  if (kind !== 'decimal') return { holds: `values marked as ${kind} that are stored as ${physical}${length}` }
  const { inner } = logicalUnionOf(element) ?? {}
  const scales = [integerOf(element, SCHEMA_ELEMENT.scale), inner && integerOf(inner, 1)].filter(
    (scale) => scale !== undefined,
  )
  return { holds: `decimals with a scale of ${scales.join(' or ') || 0} that are stored as ${physical}${length}` }
}

/** LogicalType is a union: a struct with one field. */
function logicalUnionOf(element: ThriftStruct): { id: number; inner: ThriftStruct } | undefined {
  const union = element.get(SCHEMA_ELEMENT.logical)?.value
  const [id, field] = (union instanceof Map && [...union][0]) || []
  if (id === undefined) return undefined
  return { id, inner: field?.value instanceof Map ? field.value : (new Map() as ThriftStruct) }
}

/** Documents and shapes are bytes that could pass for a text. */
function logicalAnnotationOf(element: ThriftStruct): Annotation | UnreadType | undefined {
  const { id, inner = new Map() as ThriftStruct } = logicalUnionOf(element) ?? {}
  switch (id) {
    case undefined:
    case LOGICAL.unknown: // of nulls only
      return undefined
    case LOGICAL.string:
    case LOGICAL.enum:
    case LOGICAL.json:
      return { kind: 'text' }
    case LOGICAL.decimal:
      return { kind: 'decimal', scale: integerOf(inner, 1) ?? 0 }
    case LOGICAL.date:
      return { kind: 'date' }
    case LOGICAL.time:
    case LOGICAL.timestamp: {
      const digits = digitsOf(inner.get(2)?.value)
      if (!digits) return { holds: 'times of a unit that is not known' }
      return id === LOGICAL.time ? { kind: 'time', digits } : { kind: 'timestamp', isUtc: isTrue(inner, 1), digits }
    }
    case LOGICAL.integer:
      return {
        kind: 'integer',
        isUnsigned: !isTrue(inner, 2),
        width: bitsOf(inner.get(1)?.value),
      }
    case LOGICAL.bson:
      return { holds: 'BSON documents' }
    case LOGICAL.uuid:
      return { kind: 'uuid' }
    case LOGICAL.float16:
      return { kind: 'float16' }
    case LOGICAL.geometry:
    case LOGICAL.geography:
      return { holds: 'geometries' }
    default:
      return { holds: 'values of a kind that is not known' }
  }
}

/** What files without logical types have; times of it are in UTC. An interval is months, days and milliseconds in one. */
function convertedAnnotationOf(element: ThriftStruct): Annotation | UnreadType | undefined {
  const converted = integerOf(element, SCHEMA_ELEMENT.converted)
  switch (converted) {
    case undefined:
      return undefined
    case CONVERTED.utf8:
    case CONVERTED.enum:
    case CONVERTED.json:
      return { kind: 'text' }
    case CONVERTED.decimal:
      return { kind: 'decimal', scale: integerOf(element, SCHEMA_ELEMENT.scale) ?? 0 }
    case CONVERTED.date:
      return { kind: 'date' }
    case CONVERTED.timeMillis:
    case CONVERTED.timeMicros:
      return { kind: 'time', digits: converted === CONVERTED.timeMillis ? 3 : 6 }
    case CONVERTED.timestampMillis:
    case CONVERTED.timestampMicros:
      return { kind: 'timestamp', isUtc: true, digits: converted === CONVERTED.timestampMillis ? 3 : 6 }
    case CONVERTED.bson:
      return { holds: 'BSON documents' }
    case CONVERTED.interval:
      return { holds: 'intervals' }
    default:
      if (converted >= CONVERTED.uint8 && converted <= CONVERTED.int64)
        return {
          kind: 'integer',
          isUnsigned: converted <= CONVERTED.uint64,
          width: 8 << ((converted - CONVERTED.uint8) % 4),
        }
      return { holds: 'values of a kind that is not known' }
  }
}

function physicalOf(element: ThriftStruct): string {
  return PHYSICAL[integerOf(element, SCHEMA_ELEMENT.type) ?? -1] ?? 'unknown'
}

function isTrue(struct: ThriftStruct, id: number): boolean {
  return struct.get(id)?.type === ThriftType.True
}

function bitsOf(width: unknown): number {
  return Buffer.isBuffer(width) ? width[0]! : 0
}

function digitsOf(unit: unknown): FractionDigits | undefined {
  return unit instanceof Map ? FRACTION_DIGITS[[...unit.keys()][0] as number] : undefined
}

export function integerOf(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id)?.value
  return typeof value === 'bigint' ? Number(value) : undefined
}
