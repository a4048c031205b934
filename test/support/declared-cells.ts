import { exact, type Cell } from './declared-values.js'
import type { FixtureColumn } from './declared-fixtures.js'
import { randomDate } from './random-transactions.js'
import type { SeededRandom } from '../../tools/generator/random.js'

/** What the values of a column are, where its type leaves a choice. */
export type CellKind = 'word' | 'near day' | 'near moment' | 'few' | 'one of many' | 'any magnitude' | 'limits'

const WORDS = ['Rome', 'rome', 'Österreich', 'österreich', 'ΟΔΟΣ', 'οδος', 'İstanbul', '日本', '100%', 'a_b']
const TEXTS = [
  ...WORDS,
  ...[
    '',
    '',
    '',
    'back\\slash',
    'line\nbreak',
    'tab\tinside',
    '{p0:String}',
    "O'Brien",
    '"quoted"',
    '`tick`',
    'Straße',
  ],
  ...['🎲 dice', '<b>&amp;</b>', '007', '1.50', '1e3', 'true', 'NULL', 'null', 'NaN', '\\N', "';--", 'a,b;c', '=1+1'],
]
const LIMIT_INTEGERS = [(1n << 63n) - 1n, -(1n << 63n), (1n << 62n) + 1n, (1n << 53n) + 1n, -(1n << 53n) - 1n, 0n]
const MOMENTS = [
  ...['2024-03-31T00:59:59.999Z', '2024-03-31T01:00:00.000Z', '2024-10-27T00:30:00.000Z', '2024-10-27T01:30:00.000Z'],
  ...['2024-11-03T08:30:00.000Z', '2024-02-29T23:59:59.999Z', '2023-12-31T23:30:00.000Z', '2024-01-01T00:00:00.000Z'],
].map((text) => Date.parse(text))
const FAR_MOMENTS = [
  ...['1900-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', '2299-12-30T23:59:59.999Z'],
].map((text) => Date.parse(text))
const [FIRST_MS, LAST_MS] = [Date.UTC(2023, 0, 1), Date.UTC(2024, 11, 31)]

/** A value of the column, null now and then where it may be. */
export function randomCell(column: FixtureColumn, kind: CellKind | undefined, random: SeededRandom): Cell {
  const { type, required } = column
  if (kind === 'few') return oneOfFew(column, random)
  if (type === 'text') return randomText(column, kind, random)
  if (!required && random.chance(0.2)) return null
  switch (type) {
    case 'integer':
      return exact(randomInteger(kind, random))
    case 'decimal':
      return exact(randomUnits(column.scale ?? 4, kind, random), column.scale ?? 4)
    case 'number':
      return { double: randomDouble(kind, random) }
    case 'boolean':
      return random.chance(0.5)
    case 'date':
      return kind === 'near day' ? `2024-0${random.integer(1, 3)}-${random.integer(10, 28)}` : randomDate(random)
    case 'timestamp':
      return { ms: randomMoment(kind, random) }
  }
}

/** For keys of which some are there twice. */
function oneOfFew({ type, scale = 0 }: FixtureColumn, random: SeededRandom): Cell {
  if (type === 'timestamp') return { ms: FIRST_MS + random.integer(0, 8) * 3_600_000 }
  return exact(BigInt(random.integer(-20, 20)) * 25n, scale)
}

function randomText(
  { required, lowCardinality }: FixtureColumn,
  kind: CellKind | undefined,
  random: SeededRandom,
): string {
  if (kind === 'word' || lowCardinality) return random.pick(required ? WORDS : [...WORDS, ''])
  const text = random.pick(TEXTS)
  return text === '' && required ? 'x' : text
}

function randomInteger(kind: CellKind | undefined, random: SeededRandom): bigint {
  if (kind === 'one of many') return BigInt(random.integer(0, 300)) * 7_919n
  if (kind === 'limits' && random.chance(0.7)) return random.pick(LIMIT_INTEGERS)
  return BigInt(random.pick([0, 1, 2, random.integer(-50, 50), random.integer(-1_000_000, 1_000_000)]))
}

function randomUnits(scale: number, kind: CellKind | undefined, random: SeededRandom): bigint {
  if (kind === 'limits' && random.chance(0.5))
    return random.pick([1n, -1n]) * (10n ** 38n - BigInt(random.integer(1, 3)))
  const digits = Array.from({ length: random.integer(1, 6 + scale) }, () => random.integer(0, 9)).join('')
  return BigInt(digits) * random.pick([1n, 1n, -1n])
}

/** Quarters, whose sums have no rest; or one of any magnitude, without a sign, so that nothing cancels out. */
function randomDouble(kind: CellKind | undefined, random: SeededRandom): number {
  if (kind !== 'any magnitude') return random.chance(0.1) ? random.pick([0, -0]) : random.integer(-4_000, 4_000) / 4
  if (random.chance(0.1)) return random.pick([5e-324, 2.2250738585072014e-308, 1e300, 0, 0.1])
  return Number(`${random.integer(1, 9)}.${random.integer(0, 999_999_999)}e${random.integer(-300, 299)}`)
}

function randomMoment(kind: CellKind | undefined, random: SeededRandom): number {
  if (random.chance(0.15)) return random.pick(kind === 'near moment' ? MOMENTS : [...MOMENTS, ...FAR_MOMENTS])
  return random.chance(0.5) ? random.integer(FIRST_MS, LAST_MS) : FIRST_MS + random.integer(0, 60) * 3_600_000
}
