import type { SeededRandom } from '../../tools/generator/random.js'

/** A value as a Parquet file stores it: boolean, INT32 and floats as numbers, INT64 as bigint, everything else as bytes. */
export type PhysicalValue = boolean | number | bigint | Buffer

export type Physical =
  'BOOLEAN' | 'INT32' | 'INT64' | 'INT96' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED_LEN_BYTE_ARRAY'

/** Bits of a value that is 0 or greater. */
export function bitWidth(value: bigint | number): number {
  return value.toString(2) === '0' ? 0 : value.toString(2).length
}

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

function zigzag(value: bigint): Buffer {
  return varint(value >= 0n ? value * 2n : value * -2n - 1n)
}

export function plain(physical: Physical, values: PhysicalValue[]): Buffer {
  if (physical === 'BOOLEAN') return bitPacked(values.map(Number), 1)
  return Buffer.concat(values.map((value) => plainValue(physical, value)))
}

export function plainValue(physical: Physical, value: PhysicalValue): Buffer {
  const bytes = Buffer.alloc(8)
  switch (physical) {
    case 'INT32':
      bytes.writeInt32LE(value as number)
      return bytes.subarray(0, 4)
    case 'INT64':
      bytes.writeBigInt64LE(value as bigint)
      return bytes
    case 'FLOAT':
      bytes.writeFloatLE(value as number)
      return bytes.subarray(0, 4)
    case 'DOUBLE':
      bytes.writeDoubleLE(value as number)
      return bytes
    case 'BYTE_ARRAY':
      bytes.writeUInt32LE((value as Buffer).length)
      return Buffer.concat([bytes.subarray(0, 4), value as Buffer])
    default:
      return value as Buffer
  }
}

/** Values of `width` bits each, the least significant bit first, filled up with zeros to a whole byte. */
function bitPacked(values: (number | bigint)[], width: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((values.length * width) / 8))
  for (const [at, value] of values.entries()) {
    const big = BigInt(value)
    for (let bit = 0; bit < width; bit++) {
      const position = at * width + bit
      if ((big >> BigInt(bit)) & 1n) bytes[position >> 3]! |= 1 << (position & 7)
    }
  }
  return bytes
}

/** Runs of one value and runs of packed ones, in an order that is drawn. */
export function rleHybrid(values: number[], width: number, random: SeededRandom): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < values.length;) {
    let run = 1
    while (at + run < values.length && values[at + run] === values[at]) run++
    if (run >= 8 || random.chance(0.2)) {
      const bytes = Buffer.alloc(Math.ceil(width / 8))
      if (bytes.length > 0) bytes.writeUIntLE(values[at]!, 0, bytes.length)
      parts.push(varint(run << 1), bytes)
      at += run
    } else {
      const groups = random.integer(1, Math.min(10, Math.ceil((values.length - at) / 8)))
      const packed = values.slice(at, at + groups * 8)
      while (packed.length < groups * 8) packed.push(0)
      parts.push(varint((groups << 1) | 1), bitPacked(packed, width))
      at += groups * 8
    }
  }
  return Buffer.concat(parts)
}

export function deltaBinaryPacked(values: bigint[], bits: 32 | 64, random: SeededRandom): Buffer {
  const [blockSize, miniBlocks] = random.pick([
    [128, 4],
    [128, 1],
    [256, 8],
    [128, 2],
  ] as const)
  const parts = [varint(blockSize), varint(miniBlocks), varint(values.length), zigzag(values[0] ?? 0n)]
  const deltas = values.slice(1).map((value, at) => BigInt.asIntN(bits, value - values[at]!))
  for (let at = 0; at < deltas.length; at += blockSize) {
    const block = deltas.slice(at, at + blockSize)
    const least = block.reduce((a, b) => (a < b ? a : b))
    const over = block.map((delta) => BigInt.asUintN(bits, delta - least))
    const perMini = blockSize / miniBlocks
    const minis = Array.from({ length: miniBlocks }, (_, mini) => over.slice(mini * perMini, (mini + 1) * perMini))
    const widths = minis.map((mini) => mini.reduce((most, value) => Math.max(most, bitWidth(value)), 0))
    parts.push(zigzag(least), Buffer.from(widths))
    for (const [mini, packed] of minis.entries()) {
      if (packed.length === 0) continue
      while (packed.length < perMini) packed.push(0n)
      parts.push(bitPacked(packed, widths[mini]!))
    }
  }
  return Buffer.concat(parts)
}

export function deltaLengthByteArray(values: Buffer[], random: SeededRandom): Buffer {
  const lengths = values.map(({ length }) => BigInt(length))
  return Buffer.concat([deltaBinaryPacked(lengths, 32, random), ...values])
}

export function deltaByteArray(values: Buffer[], random: SeededRandom): Buffer {
  const shared = values.map((value, at) => {
    const before = at > 0 ? values[at - 1]! : Buffer.alloc(0)
    let length = 0
    while (length < value.length && length < before.length && value[length] === before[length]) length++
    return length
  })
  const rests = values.map((value, at) => value.subarray(shared[at]))
  return Buffer.concat([deltaBinaryPacked(shared.map(BigInt), 32, random), deltaLengthByteArray(rests, random)])
}

export function byteStreamSplit(physical: Physical, values: PhysicalValue[]): Buffer {
  const all = values.map((value) => plainValue(physical, value))
  const width = all[0]?.length ?? 0
  const bytes = Buffer.alloc(width * all.length)
  for (const [at, value] of all.entries()) for (let b = 0; b < width; b++) bytes[b * all.length + at] = value[b]!
  return bytes
}
