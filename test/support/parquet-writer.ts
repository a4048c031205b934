import { crc32 } from 'node:zlib'
import {
  ThriftType,
  writeThriftStruct,
  type ThriftField,
  type ThriftStruct,
} from '../../src/ingestion/formats/parquet/thrift-compact.js'
import type { SeededRandom } from '../../tools/generator/random.js'
import { CODECS, compress, type Codec } from './parquet-codecs.js'
import {
  bitWidth,
  byteStreamSplit,
  deltaBinaryPacked,
  deltaByteArray,
  deltaLengthByteArray,
  plain,
  plainValue,
  rleHybrid,
  type Physical,
  type PhysicalValue,
} from './parquet-encodings.js'

/** Writes Parquet files page by page, in every way that the format has: writers at hand know only a few of them. */
export interface WrittenColumn {
  /** its descriptions in the schema, of a nested column several */
  elements: ThriftStruct[]
  leaves: Leaf[]
}

export interface Leaf {
  path: string[]
  physical: Physical
  maxDefinition: number
  maxRepetition: number
  /** values, and where they stand, of each row */
  rows: LeafRow[]
  how: PageOptions
}

export interface LeafRow {
  definition: number[]
  repetition: number[]
  values: PhysicalValue[]
}

export interface PageOptions {
  encoding: Encoding
  version: 1 | 2
  codec: Codec
  rowsPerPage: number
  /** of pages of version 2 */
  leavesUncompressed: boolean
  /** pages behind this one of a group have no dictionary any longer */
  dictionaryPages: number
}

export const ENCODINGS = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
} as const
export type Encoding = keyof typeof ENCODINGS

export const PHYSICAL_NUMBERS: Record<Physical, number> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
}

const MAGIC = Buffer.from('PAR1')
const DATA_PAGE = 0
const DICTIONARY_PAGE = 2
const DATA_PAGE_V2 = 3

export const i32 = (value: number): ThriftField => ({ type: ThriftType.I32, value: BigInt(value) })
export const i64 = (value: number): ThriftField => ({ type: ThriftType.I64, value: BigInt(value) })
export const text = (value: string): ThriftField => ({ type: ThriftType.Binary, value: Buffer.from(value) })
export const bool = (value: boolean): ThriftField => ({
  type: value ? ThriftType.True : ThriftType.False,
  value: Buffer.alloc(0),
})
export const struct = (fields: Record<number, ThriftField>): ThriftField => ({
  type: ThriftType.Struct,
  value: structOf(fields),
})
export const structOf = (fields: Record<number, ThriftField>): ThriftStruct =>
  new Map(Object.entries(fields).map(([id, field]) => [Number(id), field]))
const list = (elementType: ThriftType, elements: (bigint | Buffer | ThriftStruct)[]): ThriftField => ({
  type: ThriftType.List,
  value: { elementType, elements },
})

/** A whole file. `rowGroups` are the numbers of rows that each has. */
export function writeParquet(columns: WrittenColumn[], rowGroups: number[], random: SeededRandom): Buffer {
  const parts = [MAGIC]
  let offset = MAGIC.length
  let firstRow = 0
  const groups = rowGroups.map((rows) => {
    const chunks = columns
      .flatMap(({ leaves }) => leaves)
      .map((leaf) => {
        const chunk = writeChunk(leaf, leaf.rows.slice(firstRow, firstRow + rows), offset, random)
        parts.push(chunk.bytes)
        offset += chunk.bytes.length
        return chunk
      })
    firstRow += rows
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
    const described = chunks.map(({ description }) => description)
    return structOf({ 1: list(ThriftType.Struct, described), 2: i64(bytes), 3: i64(rows) })
  })
  const root = structOf({ 4: text('schema'), 5: i32(columns.length) })
  const footer = writeThriftStruct(
    structOf({
      1: i32(random.pick([1, 2])),
      2: list(ThriftType.Struct, [root, ...columns.flatMap(({ elements }) => elements)]),
      3: i64(firstRow),
      4: list(ThriftType.Struct, groups),
      6: text(
        random.pick(['countinghouse test', 'parquet-mr version 1.8.1 (build x)', 'parquet-cpp-arrow version 14.0']),
      ),
    }),
  )
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([...parts, footer, length, MAGIC])
}

function writeChunk(leaf: Leaf, rows: LeafRow[], offset: number, random: SeededRandom) {
  const { how } = leaf
  const dictionary = how.encoding.endsWith('_DICTIONARY') ? dictionaryOf(leaf, rows) : undefined
  const pages: Buffer[] = []
  let uncompressed = 0
  const add = (page: { bytes: Buffer; uncompressed: number }): void => {
    pages.push(page.bytes)
    uncompressed += page.uncompressed
  }
  if (dictionary) add(dictionaryPage(leaf, dictionary))
  const dictionaryBytes = pages[0]?.length ?? 0
  for (let at = 0, page = 0; at < rows.length; at += how.rowsPerPage, page++) {
    const fallsBack = dictionary !== undefined && page >= how.dictionaryPages
    const encoding = fallsBack ? 'PLAIN' : how.encoding
    add(dataPage(leaf, rows.slice(at, at + how.rowsPerPage), encoding, dictionary, random))
  }
  const bytes = Buffer.concat(pages)
  const used = [...new Set<Encoding>([how.encoding, 'RLE', 'PLAIN'])]
  const metaData: Record<number, ThriftField> = {
    1: i32(PHYSICAL_NUMBERS[leaf.physical]),
    2: list(
      ThriftType.I32,
      used.map((encoding) => BigInt(ENCODINGS[encoding])),
    ),
    3: list(
      ThriftType.Binary,
      leaf.path.map((name) => Buffer.from(name)),
    ),
    4: i32(CODECS[how.codec]),
    5: i64(rows.reduce((sum, { definition }) => sum + definition.length, 0)),
    6: i64(uncompressed),
    7: i64(bytes.length),
    9: i64(offset + dictionaryBytes),
  }
  if (dictionary) metaData[11] = i64(offset)
  return { bytes, description: structOf({ 2: i64(offset), 3: struct(metaData) }) }
}

interface Dictionary {
  values: PhysicalValue[]
  index: Map<string, number>
}

const keyOf = (physical: Physical, value: PhysicalValue): string => plainValue(physical, value).toString('latin1')

function dictionaryOf({ physical }: Leaf, rows: LeafRow[]): Dictionary {
  const index = new Map<string, number>()
  const values: PhysicalValue[] = []
  for (const value of rows.flatMap((row) => row.values)) {
    const key = keyOf(physical, value)
    if (index.has(key)) continue
    index.set(key, values.length)
    values.push(value)
  }
  return { values, index }
}

function dictionaryPage({ physical, how }: Leaf, { values }: Dictionary) {
  const data = plain(physical, values)
  const compressed = compress(how.codec, data)
  const encoding = how.encoding === 'PLAIN_DICTIONARY' ? ENCODINGS.PLAIN_DICTIONARY : ENCODINGS.PLAIN
  return page(DICTIONARY_PAGE, compressed, data.length, { 7: struct({ 1: i32(values.length), 2: i32(encoding) }) })
}

function dataPage(
  leaf: Leaf,
  rows: LeafRow[],
  encoding: Encoding,
  dictionary: Dictionary | undefined,
  random: SeededRandom,
) {
  const definition = rows.flatMap((row) => row.definition)
  const levels = (values: number[], most: number): Buffer =>
    most > 0 ? rleHybrid(values, bitWidth(most), random) : Buffer.alloc(0)
  const definitions = levels(definition, leaf.maxDefinition)
  const repetitions = levels(
    rows.flatMap((row) => row.repetition),
    leaf.maxRepetition,
  )
  const present = rows.flatMap((row) => row.values)
  const content = {
    rows: rows.length,
    count: definition.length,
    nulls: definition.length - present.length,
    encoding: ENCODINGS[encoding],
    data: encoded(leaf, present, encoding, dictionary, random),
    definitions,
    repetitions,
  }
  return leaf.how.version === 1 ? pageOfVersion1(leaf, content) : pageOfVersion2(leaf, content)
}

type Page = Record<'rows' | 'count' | 'nulls' | 'encoding', number> &
  Record<'data' | 'definitions' | 'repetitions', Buffer>

function pageOfVersion1({ how, maxDefinition, maxRepetition }: Leaf, content: Page) {
  const withLength = (levels: Buffer, most: number): Buffer[] => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(levels.length)
    return most > 0 ? [length, levels] : []
  }
  const levels = [...withLength(content.repetitions, maxRepetition), ...withLength(content.definitions, maxDefinition)]
  const data = Buffer.concat([...levels, content.data])
  return page(DATA_PAGE, compress(how.codec, data), data.length, {
    5: struct({ 1: i32(content.count), 2: i32(content.encoding), 3: i32(ENCODINGS.RLE), 4: i32(ENCODINGS.RLE) }),
  })
}

function pageOfVersion2({ how }: Leaf, { rows, count, nulls, encoding, data, definitions, repetitions }: Page) {
  const isCompressed = !how.leavesUncompressed
  const stored = isCompressed ? compress(how.codec, data) : data
  const levelBytes = definitions.length + repetitions.length
  const body = Buffer.concat([repetitions, definitions, stored])
  return page(DATA_PAGE_V2, body, levelBytes + data.length, {
    8: struct({
      1: i32(count),
      2: i32(nulls),
      3: i32(rows),
      4: i32(encoding),
      5: i32(definitions.length),
      6: i32(repetitions.length),
      7: bool(isCompressed),
    }),
  })
}

/** The page with its header in front, and the checksum in it that few writers leave out today. */
function page(type: number, body: Buffer, uncompressed: number, rest: Record<number, ThriftField>) {
  const fields = { 1: i32(type), 2: i32(uncompressed), 3: i32(body.length), 4: i32(crc32(body) | 0), ...rest }
  const header = writeThriftStruct(structOf(fields))
  return { bytes: Buffer.concat([header, body]), uncompressed: header.length + uncompressed }
}

function encoded(
  { physical }: Leaf,
  values: PhysicalValue[],
  encoding: Encoding,
  dictionary: Dictionary | undefined,
  random: SeededRandom,
): Buffer {
  switch (encoding) {
    case 'PLAIN':
      return plain(physical, values)
    case 'RLE': {
      const runs = rleHybrid(values.map(Number), 1, random)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(runs.length)
      return Buffer.concat([length, runs])
    }
    case 'DELTA_BINARY_PACKED':
      return deltaBinaryPacked(
        values.map(BigInt as (value: PhysicalValue) => bigint),
        physical === 'INT32' ? 32 : 64,
        random,
      )
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return deltaLengthByteArray(values as Buffer[], random)
    case 'DELTA_BYTE_ARRAY':
      return deltaByteArray(values as Buffer[], random)
    case 'BYTE_STREAM_SPLIT':
      return byteStreamSplit(physical, values)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      const { index, values: all } = dictionary!
      const width = bitWidth(Math.max(0, all.length - 1))
      const indexes = values.map((value) => index.get(keyOf(physical, value))!)
      return Buffer.concat([Buffer.from([width]), rleHybrid(indexes, width, random)])
    }
  }
}
