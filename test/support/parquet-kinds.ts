import type { SeededRandom } from '../../tools/generator/random.js'
import { ThriftType, type ThriftField } from '../../src/ingestion/formats/parquet/thrift-compact.js'
import type { Physical, PhysicalValue } from './parquet-encodings.js'
import type { Meaning } from './parquet-texts.js'
import { bool, i32, struct } from './parquet-writer.js'

/** One way to store values: physical type and annotation. */
export interface Kind {
  name: string
  physical: Physical
  typeLength?: number
  annotation: Record<number, ThriftField>
  meaning: Meaning
  draw(random: SeededRandom): PhysicalValue
}

const CONVERTED = 6
const SCALE = 7
const PRECISION = 8
const LOGICAL = 10

export const converted = (number: number): Record<number, ThriftField> => ({ [CONVERTED]: i32(number) })
const logical = (id: number, inner: Record<number, ThriftField> = {}): Record<number, ThriftField> => ({
  [LOGICAL]: struct({ [id]: struct(inner) }),
})
const byte = (value: number): ThriftField => ({ type: ThriftType.Byte, value: Buffer.from([value]) })
/** MILLIS, MICROS, NANOS of the union TimeUnit */
const unit = (digits: 3 | 6 | 9): ThriftField => struct({ [digits / 3]: struct({}) })

function drawInteger(random: SeededRandom, bits: number): bigint {
  const half = 1n << BigInt(bits - 1)
  const wide = (BigInt(random.integer(0, 2 ** 32 - 1)) << 32n) | BigInt(random.integer(0, 2 ** 32 - 1))
  switch (random.integer(0, 5)) {
    case 0:
      return random.pick([0n, 1n, -1n, half - 1n, -half, half - 2n, 10n ** 2n, 99n])
    case 1:
      return BigInt.asIntN(bits, wide)
    case 2:
      return BigInt.asIntN(bits, wide >> BigInt(random.integer(0, 63)))
    default:
      return BigInt(random.integer(-1000, 100_000)) % half
  }
}

const int32 = (random: SeededRandom): number => Number(drawInteger(random, 32))
export const int64 = (random: SeededRandom): bigint => drawInteger(random, 64)
const bytesOf = (random: SeededRandom, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.integer(0, 255)))

/** Two's complement, big-endian, of so many bytes. */
function bigEndian(value: bigint, length: number): Buffer {
  const hex = BigInt.asUintN(length * 8, value).toString(16)
  return Buffer.from(hex.padStart(length * 2, '0'), 'hex')
}

function drawDecimalBytes(random: SeededRandom, length: number): Buffer {
  if (random.chance(0.1)) return bigEndian(random.pick([0n, 1n, -1n]), length)
  // As many digits as the widest decimal has: 76.
  const most = length < 32 ? bytesOf(random, length) : Buffer.concat([Buffer.alloc(1), bytesOf(random, length - 1)])
  if (random.chance(0.3)) return most
  const small = drawInteger(random, Math.min(64, length * 8))
  return bigEndian(small, length)
}

function drawText(random: SeededRandom): Buffer {
  const texts = ['', 'a', 'Größe', '日本', '🎲', ' ', '"', 'x\0', '\0', 'null', 'NULL', '\\N', '\n', "it's", '0', 'nan']
  if (random.chance(0.5)) return Buffer.from(random.pick(texts))
  return Buffer.from(`name ${random.integer(0, 50)} ${'x'.repeat(random.integer(0, 20))}`)
}

const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.1,
  12.34,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  2.2250738585072014e-308,
  1e308,
  0.30000000000000004,
]
const drawDouble = (random: SeededRandom): number => {
  if (random.chance(0.3)) return random.pick(FLOATS)
  if (random.chance(0.3)) return bytesOf(random, 8).readDoubleLE()
  return random.chance(0.5) ? random.integer(-100_000, 100_000) / 100 : random.next() * 10 ** random.integer(-20, 20)
}
const drawFloat = (random: SeededRandom): number =>
  random.chance(0.3) ? bytesOf(random, 4).readFloatLE() : Math.fround(drawDouble(random))

function decimalKinds(): Kind[] {
  const kinds: Kind[] = []
  const add = (physical: Physical, precision: number, scale: number, draw: Kind['draw'], typeLength?: number): void => {
    const inElement = { ...converted(5), [SCALE]: i32(scale), [PRECISION]: i32(precision) }
    const inUnion = logical(5, { 1: i32(scale), 2: i32(precision) })
    for (const [way, annotation] of [
      ['converted', inElement],
      ['both', { ...inElement, ...inUnion }],
      ['logical', inUnion],
    ] as const) {
      const name = `DECIMAL(${precision}, ${scale}) ${way} ${physical} ${typeLength ?? ''}`
      kinds.push({ name, physical, typeLength, annotation, meaning: { kind: 'decimal', scale }, draw })
    }
  }
  for (const precision of [1, 2, 4, 5, 8, 9, 10, 12, 17, 18]) {
    for (const scale of new Set([0, Math.floor(precision / 2), precision])) {
      add('INT64', precision, scale, int64)
      add('INT32', precision, scale, int32)
    }
  }
  for (let length = 1; length <= 32; length++)
    add(
      'FIXED_LEN_BYTE_ARRAY',
      Math.max(1, Math.floor((length * 8 - 1) * 0.30103)),
      length % 3 === 0 ? 0 : length % 2,
      (random) => drawDecimalBytes(random, length),
      length,
    )
  for (const [precision, scale] of [
    [5, 2],
    [18, 4],
    [38, 10],
    [9, 9],
    [70, 30],
  ] as const)
    add('BYTE_ARRAY', precision, scale, (random) => drawDecimalBytes(random, random.integer(1, 32)))
  return kinds
}

function integerKinds(): Kind[] {
  const signed = { kind: 'integer' } as const
  const kinds: Kind[] = [
    { name: 'INT32', physical: 'INT32', annotation: {}, meaning: signed, draw: int32 },
    { name: 'INT64', physical: 'INT64', annotation: {}, meaning: signed, draw: int64 },
  ]
  for (const [at, width] of [8, 16, 32, 64].entries()) {
    const physical = width === 64 ? 'INT64' : 'INT32'
    const draw = width === 64 ? int64 : int32
    const unsigned: Meaning = { kind: 'integer', unsignedBits: width === 32 ? 32 : width === 64 ? 64 : undefined }
    const inUnion = (isSigned: boolean) => logical(10, { 1: byte(width), 2: bool(isSigned) })
    kinds.push(
      { name: `UINT_${width}`, physical, annotation: converted(11 + at), meaning: unsigned, draw },
      { name: `INT_${width}`, physical, annotation: converted(15 + at), meaning: signed, draw },
      { name: `INTEGER(${width}, false)`, physical, annotation: inUnion(false), meaning: unsigned, draw },
      { name: `INTEGER(${width}, true)`, physical, annotation: inUnion(true), meaning: signed, draw },
    )
  }
  return kinds
}

function timeKinds(): Kind[] {
  const kinds: Kind[] = [
    { name: 'DATE', physical: 'INT32', annotation: converted(6), meaning: { kind: 'date' }, draw: drawDays },
    { name: 'DATE logical', physical: 'INT32', annotation: logical(6), meaning: { kind: 'date' }, draw: drawDays },
    { name: 'INT96', physical: 'INT96', annotation: {}, meaning: { kind: 'int96' }, draw: drawInt96 },
  ]
  for (const digits of [3, 6, 9] as const) {
    for (const isUtc of [true, false]) {
      const inner = { 1: bool(isUtc), 2: unit(digits) }
      const physical = digits === 3 ? 'INT32' : 'INT64'
      const draw = (random: SeededRandom) => drawTime(random, digits)
      kinds.push(
        {
          name: `TIME ${digits} ${isUtc}`,
          physical,
          annotation: logical(7, inner),
          meaning: { kind: 'time', digits },
          draw,
        },
        {
          name: `TIMESTAMP ${digits} ${isUtc}`,
          physical: 'INT64',
          annotation: logical(8, inner),
          meaning: { kind: 'timestamp', digits, isUtc },
          draw: (random) => drawTimestamp(random, digits),
        },
      )
    }
    if (digits === 9) continue
    const [time, timestamp] = digits === 3 ? [7, 9] : [8, 10]
    kinds.push(
      {
        name: `TIME converted ${digits}`,
        physical: digits === 3 ? 'INT32' : 'INT64',
        annotation: converted(time),
        meaning: { kind: 'time', digits },
        draw: (random) => drawTime(random, digits),
      },
      {
        name: `TIMESTAMP converted ${digits}`,
        physical: 'INT64',
        annotation: converted(timestamp),
        meaning: { kind: 'timestamp', digits, isUtc: true },
        draw: (random) => drawTimestamp(random, digits),
      },
    )
  }
  return kinds
}

const drawDays = (random: SeededRandom): number =>
  random.chance(0.7) ? random.integer(-60_000, 130_000) : int32(random)

function drawTime(random: SeededRandom, digits: 3 | 6 | 9): PhysicalValue {
  const units = random.integer(0, 86_399_999) * 10 ** (digits - 3) + (digits > 3 ? random.integer(0, 999) : 0)
  if (digits === 3) return random.chance(0.9) ? units : int32(random)
  return random.chance(0.9) ? BigInt(units) : int64(random)
}

function drawTimestamp(random: SeededRandom, digits: 3 | 6 | 9): bigint {
  if (random.chance(0.2)) return int64(random)
  const ms = BigInt(random.integer(-3e12, 11e12))
  return BigInt.asIntN(64, ms * 10n ** BigInt(digits - 3) + BigInt(random.integer(0, 999)))
}

/** Of days of any year, and at times more or fewer nanoseconds than a day has. */
function drawInt96(random: SeededRandom): Buffer {
  const bytes = Buffer.alloc(12)
  const odd = random.chance(0.05)
  bytes.writeBigInt64LE(odd ? int64(random) : BigInt(random.integer(0, 86_399_999)) * 1_000_000n)
  bytes.writeInt32LE(random.chance(0.9) ? 2_440_588 + random.integer(-40_000, 130_000) : int32(random), 8)
  return bytes
}

function otherKinds(): Kind[] {
  const ofText = (name: string, annotation: Record<number, ThriftField>): Kind => ({
    name,
    physical: 'BYTE_ARRAY',
    annotation,
    meaning: { kind: 'text' },
    draw: drawText,
  })
  const fixed = (name: string, typeLength: number, kind: 'text' | 'uuid' | 'float16', annotation = {}): Kind => ({
    name: `${name}(${typeLength})`,
    physical: 'FIXED_LEN_BYTE_ARRAY',
    typeLength,
    annotation,
    meaning: { kind },
    draw: (random) =>
      random.chance(0.2) ? Buffer.alloc(typeLength, random.pick(['\0', 'a\0', 'ab'])) : bytesOf(random, typeLength),
  })
  return [
    ofText('BYTE_ARRAY', {}),
    ofText('UTF8', converted(0)),
    ofText('STRING', { ...converted(0), ...logical(1) }),
    ofText('ENUM', converted(4)),
    ofText('ENUM logical', logical(4)),
    ofText('JSON', converted(19)),
    ofText('JSON logical', logical(12)),
    ...[1, 2, 3, 4, 5, 8, 12, 16, 17, 100].map((length) => fixed('FIXED', length, 'text')),
    fixed('FIXED UTF8', 7, 'text', converted(0)),
    fixed('UUID', 16, 'uuid', logical(14)),
    fixed('FLOAT16', 2, 'float16', logical(15)),
    {
      name: 'BOOLEAN',
      physical: 'BOOLEAN',
      annotation: {},
      meaning: { kind: 'boolean' },
      draw: (random) => random.chance(0.5),
    },
    { name: 'FLOAT', physical: 'FLOAT', annotation: {}, meaning: { kind: 'float' }, draw: drawFloat },
    { name: 'DOUBLE', physical: 'DOUBLE', annotation: {}, meaning: { kind: 'double' }, draw: drawDouble },
  ]
}

/** By family, so that none is drawn less often for having fewer members. */
export const FAMILIES = [decimalKinds(), integerKinds(), timeKinds(), otherKinds(), otherKinds()]
