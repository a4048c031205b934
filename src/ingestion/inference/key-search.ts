import type { ProposedColumn } from './proposed-column.js'
import { snakeCase } from './names.js'

/** With fewer rows nearly everything is unique. */
const MIN_ROWS = 2
const MIN_ROWS_OF_COMBINATION = 5
/** A first column without the name of a key is one only if so many values are different. */
const MIN_ROWS_WITHOUT_NAME = 20
const MAX_KEY_COLUMNS = 4
const MAX_KEY_CHARACTERS = 64
/** The share of all combinations of the values that must be there. */
const MIN_DENSITY = 0.2
/** Columns that are tried together. */
const MAX_CANDIDATES = 8

const OWN_KEY = /^(id|uuid|guid|key|pk|row_?id|row_?no|row_?number|record_?id|entry_?id)$/
/** What a measurement or a price is of. */
const ENTITY =
  /(^|_)(station|sensor|device|meter|zaehler|symbol|ticker|isin|vehicle|machine|site|account|country|region|city|location|host|server|store|shop|branch|team|player|plant|room|channel|currency|pair|department|name|type|line|parameter|metric|bib|code|hub|zone|gate|asset|unit|pump|turbine|well|server_name)($|_)/

/** A column without nulls whose values could be a key, alone or with others. */
function canBeKey({ type, nulls, meaning, values }: ProposedColumn): boolean {
  if (nulls > 0 || values.rows === 0) return false
  if (type === 'text') return values.longest <= MAX_KEY_CHARACTERS
  return type === 'integer' && meaning.isIdentifier
}

/**
 * The names of the columns that identify a row in the whole sample, or none: a key that is wrong replaces rows without a
 * word, so names must say so too. `texts` are the values of each column of the file, row by row.
 */
export function findKey(columns: ProposedColumn[], texts: string[][]): ProposedColumn[] {
  const rows = columns[0]?.values.rows ?? 0
  if (rows < MIN_ROWS) return []
  const single = singleKey(columns, rows)
  if (single) return [single]
  return rows < MIN_ROWS_OF_COMBINATION ? [] : combinedKey(columns, texts, rows)
}

function singleKey(columns: ProposedColumn[], rows: number): ProposedColumn | undefined {
  const unique = columns.filter((column) => column.distinct === rows && canBeKey(column))
  const [first] = columns
  const isNamed = (column: ProposedColumn): boolean => column.meaning.isIdentifier && !column.meaning.isPosition
  return (
    unique.find(({ values }) => OWN_KEY.test(snakeCase(values.header))) ??
    unique.find((column) => column === first && isNamed(column)) ??
    unique.find((column) => isNamed(column) && !column.meaning.isForeign && !column.meaning.isNumberedName) ??
    unique.find(
      (column) => column === first && column.type === 'text' && rows >= MIN_ROWS_WITHOUT_NAME && isWord(column),
    )
  )
}

/** A sentence is no key. */
function isWord({ values }: ProposedColumn): boolean {
  const [value = ''] = values.counts.keys()
  return value.split(/\s+/).length <= 4
}

/** An identifier with its lines, or what is measured with the time. */
function combinedKey(columns: ProposedColumn[], texts: string[][], rows: number): ProposedColumn[] {
  const isTime = ({ type, nulls }: ProposedColumn): boolean => (type === 'date' || type === 'timestamp') && nulls === 0
  const isPart = (column: ProposedColumn): boolean =>
    isTime(column) || (canBeKey(column) && (column.meaning.isIdentifier || isEntity(column)))
  const candidates = columns.filter((column) => isPart(column) && column.distinct < rows).slice(0, MAX_CANDIDATES)
  for (let size = 2; size <= MAX_KEY_COLUMNS; size++) {
    for (const combination of combinations(candidates, size)) {
      if (!isNatural(combination, isTime) || !isDense(combination, rows)) continue
      const parts = combination.map(({ values }) => texts[values.field]!)
      // What is measured comes before the time: rows of one thing then lie together.
      if (isUnique(parts, rows)) return [...combination.filter((part) => !isTime(part)), ...combination.filter(isTime)]
    }
  }
  return []
}

function isEntity({ type, values }: ProposedColumn): boolean {
  return type === 'text' && ENTITY.test(snakeCase(values.header))
}

/** One time at most, and something that it is the time of; without a time, a position within something. */
function isNatural(combination: ProposedColumn[], isTime: (column: ProposedColumn) => boolean): boolean {
  const times = combination.filter(isTime)
  if (times.length > 1) return false
  return times.length === 1 || combination.some(({ meaning }) => meaning.isPosition)
}

/** Many of the combinations that there could be are there: else they are unique by chance, if they are at all. */
function isDense(combination: ProposedColumn[], rows: number): boolean {
  const possible = combination.reduce((product, { distinct }) => product * distinct, 1)
  return rows <= possible && rows >= MIN_DENSITY * possible
}

function isUnique(columns: string[][], rows: number): boolean {
  const seen = new Set<string>()
  for (let row = 0; row < rows; row++) {
    const key = columns.map((texts) => texts[row]).join('\0')
    if (seen.has(key)) return false
    seen.add(key)
  }
  return true
}

function* combinations<T>(items: T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let at = from; at <= items.length - size; at++)
    for (const rest of combinations(items, size - 1, at + 1)) yield [items[at]!, ...rest]
}
