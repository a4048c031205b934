import fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { ThriftError, ThriftReader, ThriftType, writeThriftStruct, type ThriftStruct } from './thrift-compact.js'

function footerOf(file: Buffer): Buffer {
  return file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8), file.length - 8)
}

const FILE = Buffer.from(
  parquetWriteBuffer({
    columnData: Array.from({ length: 40 }, (_, at) => ({ name: `column ${at}`, data: [at, at + 0.5], type: 'DOUBLE' })),
    kvMetadata: [{ key: 'k', value: 'vä' }],
  }),
)

describe('thrift compact protocol', () => {
  it('writes a real footer back byte for byte', () => {
    const footer = footerOf(FILE)
    expect(writeThriftStruct(new ThriftReader(footer).readStruct()).equals(footer)).toBe(true)
  })

  it('reads what hyparquet reads', () => {
    const struct = new ThriftReader(footerOf(FILE)).readStruct()
    expect(struct.get(3)!.value).toBe(parquetMetadata(FILE).num_rows)
    expect((struct.get(2)!.value as { elements: unknown[] }).elements).toHaveLength(parquetMetadata(FILE).schema.length)
  })

  it('writes and reads any struct', () => {
    const { struct } = fc.letrec<{ struct: ThriftStruct }>((tie) => {
      const integer = fc.record({
        type: fc.constantFrom(ThriftType.I32, ThriftType.I64),
        value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      })
      const bytes = (length?: number) =>
        fc.uint8Array(length ? { minLength: length, maxLength: length } : {}).map((array) => Buffer.from(array))
      const field = fc.oneof(
        { depthSize: 'small' },
        integer,
        fc.record({ type: fc.constantFrom(ThriftType.True, ThriftType.False), value: fc.constant(Buffer.alloc(0)) }),
        fc.record({ type: fc.constant(ThriftType.Byte), value: bytes(1) }),
        fc.record({ type: fc.constant(ThriftType.Double), value: bytes(8) }),
        fc.record({ type: fc.constant(ThriftType.Binary), value: bytes() }),
        fc.record({
          type: fc.constant(ThriftType.List),
          value: fc.record({
            elementType: fc.constant(ThriftType.Struct),
            elements: fc.array(tie('struct'), { maxLength: 20 }),
          }),
        }),
        fc.record({ type: fc.constant(ThriftType.Struct), value: tie('struct') }),
      )
      const entries = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 100 }), field), {
        selector: ([id]) => id,
        maxLength: 6,
      })
      return { struct: entries.map((list) => new Map(list.sort(([a], [b]) => a - b))) }
    })
    fc.assert(
      fc.property(
        struct,
        (value) => void expect(new ThriftReader(writeThriftStruct(value)).readStruct()).toEqual(value),
      ),
    )
  })

  it('refuses broken bytes with its own error, at once and without taking memory', () => {
    const footer = footerOf(FILE)
    const readsOrRefuses = (bytes: Buffer): void => {
      try {
        new ThriftReader(bytes).readStruct()
      } catch (error) {
        expect(error).toBeInstanceOf(ThriftError)
      }
    }
    for (let length = 0; length < footer.length; length++) {
      expect(() => new ThriftReader(footer.subarray(0, length)).readStruct(), String(length)).toThrow(ThriftError)
    }
    for (let at = 0; at < footer.length; at++) {
      const changed = Buffer.from(footer)
      changed[at]! ^= 0xff
      readsOrRefuses(changed)
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsOrRefuses(Buffer.from(bytes))))
    readsOrRefuses(Buffer.alloc(1_000_000, 0x1c))
    readsOrRefuses(Buffer.alloc(1_000_000, 0x19))
    readsOrRefuses(Buffer.from('19fcffffffff0f', 'hex'))
  })
})
