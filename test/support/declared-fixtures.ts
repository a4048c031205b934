import { type Cell, type ValueType } from './declared-values.js'
import type { OracleFilter } from './query-oracle.js'
import { randomCell, type CellKind } from './declared-cells.js'
import type { SeededRandom } from '../../tools/generator/random.js'

export type Row = Record<string, Cell>

export interface FixtureColumn {
  name: string
  source?: string
  type: ValueType
  required?: boolean
  scale?: number
  timezone?: string
  lowCardinality?: boolean
}

export interface FixtureMeasure {
  name: string
  type: string
  column?: string
  level?: number
  by?: string
  numerator?: string
  denominator?: string
  filters?: OracleFilter[]
}

/** As it is posted. */
export interface FixtureDeclaration {
  name: string
  columns: FixtureColumn[]
  key?: string[]
  timeDimension?: string
  measures: FixtureMeasure[]
}

export interface DeclaredFixture {
  what: string
  declaration: FixtureDeclaration
  /** columns whose values are of a kind of their own */
  kinds: Record<string, CellKind>
  /** the time zones in which it is asked */
  zones: string[]
}

const ZONES = ['Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Auckland']

/** A column for each word: `name`, or `name!` where it is required. */
function columns(type: ValueType, names: string, more: Partial<FixtureColumn> = {}): FixtureColumn[] {
  return names.split(' ').map((name) => ({
    name: name.replace('!', ''),
    type,
    ...(name.endsWith('!') && { required: true }),
    ...more,
  }))
}

const several = (letter: string, count: number) => Array.from({ length: count }, (_, at) => `${letter}${at}`).join(' ')

const READINGS: DeclaredFixture = {
  what: 'with one integer for a key and every type',
  declaration: {
    name: 'readings',
    columns: [
      ...columns('integer', 'id!', { source: 'Reading_ID' }),
      ...columns('text', 'label note'),
      ...columns('text', 'kind', { lowCardinality: true }),
      ...columns('integer', 'pieces'),
      ...columns('decimal', 'amount'),
      ...columns('number', 'level'),
      ...columns('boolean', 'is_good'),
      ...columns('date', 'day'),
      ...columns('timestamp', 'taken_at'),
    ],
    key: ['id'],
    measures: [],
  },
  kinds: { id: 'one of many' },
  zones: [],
}

const PRICES: DeclaredFixture = {
  what: 'with a text and a date for a key',
  declaration: {
    name: 'prices',
    columns: [
      ...columns('text', 'shop!', { lowCardinality: true }),
      ...columns('date', 'day!'),
      ...columns('text', 'product!'),
      ...columns('decimal', 'price', { scale: 2 }),
      ...columns('integer', 'pieces!'),
      ...columns('boolean', 'is_open!'),
      ...columns('timestamp', 'checked_at'),
    ],
    key: ['shop', 'day'],
    timeDimension: 'day',
    measures: [],
  },
  kinds: { shop: 'word', day: 'near day' },
  zones: [],
}

const CLICKS: DeclaredFixture = {
  what: 'without a key, by timestamp',
  declaration: {
    name: 'clicks',
    columns: [
      ...columns('timestamp', 'at!'),
      ...columns('text', 'page country', { lowCardinality: true }),
      ...columns('text', 'referrer'),
      ...columns('integer', 'duration'),
      ...columns('number', 'score!'),
      ...columns('boolean', 'is_new'),
      ...columns('timestamp', 'left_at'),
    ],
    timeDimension: 'at',
    measures: [],
  },
  kinds: { at: 'near moment', left_at: 'near moment', page: 'word' },
  zones: ZONES,
}

const WIDE: DeclaredFixture = {
  what: 'of 46 columns, numbers at their limits',
  declaration: {
    name: 'wide',
    columns: [
      ...columns('decimal', 'k!', { scale: 2 }),
      ...columns('timestamp', 'm!'),
      ...columns('decimal', several('dz', 4), { scale: 0 }),
      ...columns('decimal', several('dc', 4), { scale: 2 }),
      ...columns('decimal', several('de', 4), { scale: 8 }),
      ...columns('decimal', several('da', 4), { scale: 18 }),
      ...columns('integer', several('i', 6)),
      ...columns('number', several('n', 6)),
      ...columns('text', several('s', 6)),
      ...columns('date', several('d', 4)),
      ...columns('timestamp', several('t', 3)),
      ...columns('boolean', several('b', 3)),
    ],
    key: ['k', 'm'],
    timeDimension: 'm',
    measures: [],
  },
  kinds: Object.fromEntries([
    ...['k', 'm'].map((name) => [name, 'few']),
    ...['n0', 'n1', 'n2'].map((name) => [name, 'any magnitude']),
    ...['i0', 'i1', 'i2', 'dz0', 'dc0', 'de0', 'da0'].map((name) => [name, 'limits']),
  ]) as Record<string, CellKind>,
  zones: [],
}

const WORDS: DeclaredFixture = {
  what: 'of words of SQL, with measures of every type',
  declaration: {
    name: 'select_from',
    columns: [
      ...columns('integer', 'order!'),
      ...columns('text', 'select group table'),
      ...columns('text', 'from', { lowCardinality: true }),
      ...columns('integer', 'limit offset'),
      ...columns('decimal', 'null'),
      ...columns('number', 'as'),
      ...columns('boolean', 'not'),
      ...columns('date', 'date'),
      ...columns('timestamp', 'interval timezone'),
    ],
    key: ['order'],
    timeDimension: 'interval',
    measures: [
      {
        name: 'count',
        type: 'count',
        filters: [{ member: 'interval', operator: 'afterDate', values: ['2024-03-31'] }],
      },
      { name: 'where', type: 'count', column: 'select' },
      { name: 'sum', type: 'sum', column: 'null' },
      {
        name: 'avg',
        type: 'avg',
        column: 'limit',
        filters: [
          {
            or: [
              { member: 'not', operator: 'equals', values: [true] },
              {
                and: [
                  { member: 'from', operator: 'set' },
                  { member: 'null', operator: 'gt', values: [0] },
                ],
              },
            ],
          },
        ],
      },
      { name: 'min', type: 'min', column: 'group' },
      { name: 'max', type: 'max', column: 'interval' },
      { name: 'distinct', type: 'countDistinct', column: 'table' },
      { name: 'union', type: 'approxCountDistinct', column: 'date' },
      { name: 'having', type: 'quantile', column: 'null', level: 0.5 },
      {
        name: 'p0',
        type: 'quantile',
        column: 'interval',
        level: 0.9,
        filters: [{ member: 'select', operator: 'notContains', values: ['a', ''] }],
      },
      { name: 'desc', type: 'latest', column: 'group', by: 'interval' },
      { name: 'asc', type: 'latest', column: 'not', by: 'limit' },
      { name: 'none', type: 'sum', column: 'offset', filters: [{ member: 'order', operator: 'lt', values: [-1] }] },
      { name: 'join', type: 'ratio', numerator: 'sum', denominator: 'count' },
      { name: 'using', type: 'ratio', numerator: 'rows', denominator: 'none' },
      { name: 'with', type: 'ratio', numerator: 'avg', denominator: 'sum' },
      { name: 'final', type: 'ratio', numerator: 'having', denominator: 'where' },
    ],
  },
  kinds: { order: 'one of many', interval: 'near moment', timezone: 'near moment' },
  zones: ZONES,
}

export const DECLARED_FIXTURES = [READINGS, PRICES, CLICKS, WIDE, WORDS]

/** Rows, some of which have the same key. */
export function randomRows({ declaration, kinds }: DeclaredFixture, random: SeededRandom, count: number): Row[] {
  return Array.from({ length: count }, () => {
    const cell = (column: FixtureColumn): [string, Cell] => [
      column.name,
      randomCell(column, kinds[column.name], random),
    ]
    return Object.fromEntries(declaration.columns.map(cell))
  })
}
