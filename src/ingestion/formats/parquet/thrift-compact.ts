/**
 * Thrift's compact protocol, as Parquet footers use it: reads a struct into fields that keep their types, and writes
 * them back byte for byte. What is in a field is not interpreted, so that fields of later Parquet versions survive.
 */
export type ThriftStruct = Map<number, ThriftField>

export interface ThriftField {
  type: ThriftType
  value: ThriftValue
}

/** Booleans are told by their type (1 true, 2 false), and as list elements by their byte. */
export type ThriftValue = bigint | Buffer | ThriftList | ThriftStruct

export interface ThriftList {
  elementType: ThriftType
  elements: ThriftValue[]
}

export const enum ThriftType {
  Stop = 0,
  True = 1,
  False = 2,
  Byte = 3,
  I16 = 4,
  I32 = 5,
  I64 = 6,
  Double = 7,
  Binary = 8,
  List = 9,
  Set = 10,
  Map = 11,
  Struct = 12,
  Uuid = 13,
}

/** The bytes are no thrift struct. */
export class ThriftError extends Error {}

/** Deeper than any Parquet footer, and shallow enough for the stack. */
const MAX_DEPTH = 64
const MAX_VARINT_BYTES = 10

export class ThriftReader {
  constructor(
    private readonly bytes: Buffer,
    public offset = 0,
  ) {}

  readStruct(depth = 0): ThriftStruct {
    const fields: ThriftStruct = new Map()
    this.eachField((id, type) => fields.set(id, { type, value: this.readValue(type, depth + 1, false) }))
    return fields
  }

  /**
   * Calls `visit` for each field of a struct with its value still unread: it must read or skip it.
   */
  eachField(visit: (id: number, type: ThriftType) => void): void {
    for (let id = 0; ;) {
      const header = this.byte()
      const type: ThriftType = header & 0x0f
      if (type === ThriftType.Stop) return
      id = header >> 4 ? id + (header >> 4) : Number(this.zigzag())
      visit(id, type)
    }
  }

  listHeader(): { elementType: ThriftType; length: number } {
    const header = this.byte()
    const length = header >> 4 === 15 ? Number(this.varint()) : header >> 4
    // Every element takes a byte at least, so a longer list cannot be, and nothing is allocated for it.
    if (length > this.bytes.length - this.offset) throw new ThriftError('a list is longer than the data')
    return { elementType: header & 0x0f, length }
  }

  readValue(type: ThriftType, depth = 0, isElement = false): ThriftValue {
    if (depth > MAX_DEPTH) throw new ThriftError('structs are nested too deeply')
    switch (type) {
      case ThriftType.True:
      case ThriftType.False:
        return isElement ? this.take(1) : Buffer.alloc(0)
      case ThriftType.Byte:
        return this.take(1)
      case ThriftType.I16:
      case ThriftType.I32:
      case ThriftType.I64:
        return this.zigzag()
      case ThriftType.Double:
        return this.take(8)
      case ThriftType.Uuid:
        return this.take(16)
      case ThriftType.Binary:
        return this.take(Number(this.varint()))
      case ThriftType.List:
      case ThriftType.Set:
        return this.readList(depth)
      case ThriftType.Struct:
        return this.readStruct(depth)
      default:
        throw new ThriftError(`there is a field of the unknown type ${type}`)
    }
  }

  private readList(depth: number): ThriftList {
    const { elementType, length } = this.listHeader()
    const elements: ThriftValue[] = []
    for (let at = 0; at < length; at++) elements.push(this.readValue(elementType, depth + 1, true))
    return { elementType, elements }
  }

  private byte(): number {
    const byte = this.bytes[this.offset++]
    if (byte === undefined) throw new ThriftError('the data ends too early')
    return byte
  }

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.offset) throw new ThriftError('the data ends too early')
    this.offset += length
    return this.bytes.subarray(this.offset - length, this.offset)
  }

  private varint(): bigint {
    let value = 0n
    for (let at = 0; at < MAX_VARINT_BYTES; at++) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << BigInt(7 * at)
      if (byte < 0x80) return value
    }
    throw new ThriftError('a number is longer than 64 bits')
  }

  private zigzag(): bigint {
    const value = this.varint()
    return (value >> 1n) ^ -(value & 1n)
  }
}

export function writeThriftStruct(struct: ThriftStruct): Buffer {
  const parts: Buffer[] = []
  writeStruct(struct, parts)
  return Buffer.concat(parts)
}

function writeStruct(struct: ThriftStruct, parts: Buffer[]): void {
  let last = 0
  for (const [id, { type, value }] of [...struct].sort(([a], [b]) => a - b)) {
    const delta = id - last
    if (delta > 0 && delta <= 15) parts.push(Buffer.from([(delta << 4) | type]))
    else parts.push(Buffer.from([type]), zigzagBytes(BigInt(id)))
    writeValue(type, value, parts)
    last = id
  }
  parts.push(Buffer.from([ThriftType.Stop]))
}

function writeValue(type: ThriftType, value: ThriftValue, parts: Buffer[]): void {
  if (typeof value === 'bigint') parts.push(zigzagBytes(value))
  else if (value instanceof Map) writeStruct(value, parts)
  else if (!Buffer.isBuffer(value)) writeList(value, parts)
  else if (type === ThriftType.Binary) parts.push(varintBytes(BigInt(value.length)), value)
  else parts.push(value)
}

function writeList({ elementType, elements }: ThriftList, parts: Buffer[]): void {
  if (elements.length < 15) parts.push(Buffer.from([(elements.length << 4) | elementType]))
  else parts.push(Buffer.from([0xf0 | elementType]), varintBytes(BigInt(elements.length)))
  for (const element of elements) writeValue(elementType, element, parts)
}

function zigzagBytes(value: bigint): Buffer {
  return varintBytes(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
}

function varintBytes(value: bigint): Buffer {
  const bytes: number[] = []
  for (; value >= 0x80n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80)
  bytes.push(Number(value))
  return Buffer.from(bytes)
}
