import { SeededRandom } from '../../tools/generator/random.js'
import type { ThriftField, ThriftStruct } from '../../src/ingestion/formats/parquet/thrift-compact.js'
import { CODECS, type Codec } from './parquet-codecs.js'
import type { Physical, PhysicalValue } from './parquet-encodings.js'
import type { Meaning } from './parquet-texts.js'
import {
  i32,
  PHYSICAL_NUMBERS,
  structOf,
  text,
  writeParquet,
  type Encoding,
  type Leaf,
  type LeafRow,
  type PageOptions,
  type WrittenColumn,
} from './parquet-writer.js'
import { converted, FAMILIES, int64, type Kind } from './parquet-kinds.js'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { withSchema } from './parquet-columns.js'

/** A generated file, and what must be read of it. */
export interface RandomParquet {
  bytes: Buffer
  rows: number
  /** the flat columns in their order */
  columns: FlatColumn[]
}

export interface FlatColumn {
  name: string
  kind: string
  physical: Physical
  typeLength: number | undefined
  isOptional: boolean
  meaning: Meaning
  values: (PhysicalValue | null)[]
  how: PageOptions
  element: ThriftStruct
}

const DICTIONARY: Encoding[] = ['PLAIN_DICTIONARY', 'RLE_DICTIONARY']
export const ENCODINGS_OF: Record<Physical, Encoding[]> = {
  BOOLEAN: ['PLAIN', 'RLE'],
  INT32: ['PLAIN', ...DICTIONARY, 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'],
  INT64: ['PLAIN', ...DICTIONARY, 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'],
  INT96: ['PLAIN', ...DICTIONARY],
  FLOAT: ['PLAIN', ...DICTIONARY, 'BYTE_STREAM_SPLIT'],
  DOUBLE: ['PLAIN', ...DICTIONARY, 'BYTE_STREAM_SPLIT'],
  BYTE_ARRAY: ['PLAIN', ...DICTIONARY, 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'],
  FIXED_LEN_BYTE_ARRAY: ['PLAIN', ...DICTIONARY, 'DELTA_BYTE_ARRAY', 'BYTE_STREAM_SPLIT'],
}

/** The same seed, the same file: page by page in every way, or by hyparquet-writer in its own. */
export function randomParquet(seed: number): RandomParquet {
  const random = new SeededRandom(seed)
  const rowGroups = Array.from({ length: random.pick([1, 1, 2, 5]) }, () =>
    random.pick([1, random.integer(1, 20), random.integer(20, 300), random.integer(1, 1000)]),
  )
  // Now and then enough for pages that are longer than the engine's blocks.
  if (random.chance(0.02)) rowGroups[0] = random.integer(5_000, 30_000)
  const rows = rowGroups.reduce((sum, each) => sum + each, 0)
  const columns = Array.from({ length: random.integer(1, 8) }, (_, at) => flatColumn(`c${at}`, rows, random))
  if (random.chance(0.15)) return writtenByHyparquet(columns, rows, random)
  const written = columns.flatMap((column, at) => {
    const nested = random.chance(0.12) ? [nestedColumn(`nested ${at}`, rows, random)] : []
    return [...nested, { elements: [column.element], leaves: [leafOf(column)] }]
  })
  return { bytes: writeParquet(written, rowGroups, random), rows, columns }
}

function flatColumn(name: string, rows: number, random: SeededRandom): FlatColumn {
  const kind: Kind = random.pick(random.pick(FAMILIES))
  const { physical, typeLength, meaning } = kind
  const isOptional = random.chance(0.6)
  const nulls = isOptional ? random.pick([0, 0.1, 0.5, 0.95, 1]) : 0
  const distinct = random.chance(0.5)
    ? Array.from({ length: random.integer(1, 300) }, () => kind.draw(random))
    : undefined
  const values = Array.from({ length: rows }, () =>
    random.chance(nulls) ? null : distinct ? random.pick(distinct) : kind.draw(random),
  )
  const how = drawHow(physical, random)
  const element = elementOf(name, isOptional ? 1 : 0, { ...kind.annotation }, physical, typeLength)
  return { name, kind: kind.name, physical, typeLength, isOptional, meaning, values, how, element }
}

function leafOf({ name, physical, isOptional, values, how }: FlatColumn): Leaf {
  const rows = values.map((value) => ({
    definition: [value === null ? 0 : 1],
    repetition: [0],
    values: value === null ? [] : [value],
  }))
  return { path: [name], physical, maxDefinition: isOptional ? 1 : 0, maxRepetition: 0, rows, how }
}

/** The writer gets the plain values, since it would round decimals and times; what they mean is told afterwards. */
function writtenByHyparquet(all: FlatColumn[], rows: number, random: SeededRandom): RandomParquet {
  // Its dictionary takes -0 for the 0 that it has already.
  const columns = all
    .filter(({ physical }) => physical !== 'INT96')
    .map((column) => ({ ...column, values: column.values.map((value) => (Object.is(value, -0) ? 0 : value)) }))
  if (columns.length === 0) columns.push(flatColumnOf('INT32', rows, random))
  const file = parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, physical, typeLength, isOptional }) => ({
        name,
        type: physical as Exclude<Physical, 'INT96'>,
        type_length: typeLength,
        repetition_type: isOptional ? ('OPTIONAL' as const) : ('REQUIRED' as const),
      })),
    ],
    columnData: columns.map(({ name, values }) => ({
      name,
      data: values.map((value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : value)),
    })),
    rowGroupSize: random.integer(1, 500) + Math.floor(rows / 20),
    pageSize: random.pick([100, 5_000, 1_048_576]),
    codec: random.pick(['SNAPPY', 'UNCOMPRESSED'] as const),
  })
  const bytes = withSchema(
    file,
    columns.map(({ element }) => element),
  )
  return { bytes, rows, columns }
}

function flatColumnOf(physical: Physical, rows: number, random: SeededRandom): FlatColumn {
  for (;;) {
    const column = flatColumn('c', rows, random)
    if (column.physical === physical) return column
  }
}

function elementOf(
  name: string,
  repetition: number,
  annotation: Record<number, ThriftField>,
  physical?: Physical,
  typeLength?: number,
  children?: number,
): ThriftStruct {
  const fields: Record<number, ThriftField> = { ...annotation, 3: i32(repetition), 4: text(name) }
  if (physical) fields[1] = i32(PHYSICAL_NUMBERS[physical])
  if (typeLength) fields[2] = i32(typeLength)
  if (children) fields[5] = i32(children)
  return structOf(fields)
}

function drawHow(physical: Physical, random: SeededRandom): PageOptions {
  return {
    encoding: random.pick(ENCODINGS_OF[physical]),
    version: random.pick([1, 2]),
    codec: random.pick(Object.keys(CODECS) as Codec[]),
    rowsPerPage: random.pick([1000, 1000, random.integer(1, 50), random.integer(50, 500)]),
    leavesUncompressed: random.chance(0.2),
    dictionaryPages: random.pick([1, 2, 1000]),
  }
}

/** A list, a map or a struct, beside which the flat columns must keep their places. */
function nestedColumn(name: string, rows: number, random: SeededRandom): WrittenColumn {
  const kind = random.pick(['list', 'map', 'struct'] as const)
  if (kind === 'struct') return structColumn(name, rows, random)
  const entries = Array.from({ length: rows }, () =>
    random.chance(0.2) ? null : Array.from({ length: random.integer(0, 3) }, () => random.integer(0, 9)),
  )
  const rowOf =
    (toValue: (entry: number) => PhysicalValue) =>
    (entry: number[] | null): LeafRow => ({
      definition: !entry ? [0] : entry.length === 0 ? [1] : entry.map(() => 2),
      repetition: !entry || entry.length === 0 ? [0] : entry.map((_, at) => (at > 0 ? 1 : 0)),
      values: (entry ?? []).map(toValue),
    })
  const leaf = (path: string, physical: Physical, toValue: (entry: number) => PhysicalValue): Leaf => ({
    path: [name, 'entries', path],
    physical,
    maxDefinition: 2,
    maxRepetition: 1,
    rows: entries.map(rowOf(toValue)),
    how: drawHow(physical, random),
  })
  const value = leaf('value', 'INT32', (entry) => entry)
  const key = leaf('key', 'BYTE_ARRAY', (entry) => Buffer.from(`key ${entry}`))
  const leaves = kind === 'map' ? [key, value] : [value]
  return {
    elements: [
      elementOf(name, 1, converted(kind === 'map' ? 1 : 3), undefined, undefined, 1),
      elementOf('entries', 2, {}, undefined, undefined, leaves.length),
      ...leaves.map(({ path, physical }) => elementOf(path[2]!, 0, {}, physical)),
    ],
    leaves,
  }
}

function structColumn(name: string, rows: number, random: SeededRandom): WrittenColumn {
  const leaf: Leaf = {
    path: [name, 'inner'],
    physical: 'INT64',
    maxDefinition: 2,
    maxRepetition: 0,
    rows: Array.from({ length: rows }, () => {
      const definition = random.integer(0, 2)
      return { definition: [definition], repetition: [0], values: definition === 2 ? [int64(random)] : [] }
    }),
    how: drawHow('INT64', random),
  }
  return {
    elements: [elementOf(name, 1, {}, undefined, undefined, 1), elementOf('inner', 1, {}, 'INT64')],
    leaves: [leaf],
  }
}
