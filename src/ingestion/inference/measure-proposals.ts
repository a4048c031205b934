import { ROWS } from '../../datasets/declared/measures.js'
import type { ProposedColumn } from './proposed-column.js'
import { unique } from './names.js'

/** A measure of a declaration. */
export interface ProposedMeasure {
  name: string
  title: string
  type: 'sum' | 'avg' | 'min' | 'max' | 'countDistinct'
  column: string
}

/** More than that nobody looks through. */
const MAX_MEASURES = 12
const TITLES = { sum: 'Total', avg: 'Average', min: 'Lowest', max: 'Highest', countDistinct: 'Unique' }
const PREFIXES = { sum: 'total', avg: 'average', min: 'lowest', max: 'highest', countDistinct: 'unique' }

/** Sums of what can be added up, averages of what cannot, and how many of each kind of identifier there are. */
export function proposeMeasures(columns: ProposedColumn[], key: ProposedColumn[]): ProposedMeasure[] {
  const taken = new Set([ROWS.name, ...columns.map(({ name }) => name)])
  const wanted = [
    ...columns.filter(isAdditive).map((column) => ({ column, types: ['sum'] as const })),
    ...columns.filter(isIntensive).map((column) => ({ column, types: ['avg', 'min', 'max'] as const })),
    ...columns
      .filter((column) => isCounted(column) && !(key.length === 1 && key[0] === column))
      .map((column) => ({ column, types: ['countDistinct'] as const })),
  ]
  const rounds = [0, 1, 2].flatMap((round) =>
    wanted.flatMap(({ column, types }) => (types[round] ? [{ column, type: types[round] }] : [])),
  )
  return rounds.slice(0, MAX_MEASURES).map(({ column, type }) => measureOf(column, type, taken))
}

function measureOf(
  { name, title }: ProposedColumn,
  type: ProposedMeasure['type'],
  taken: Set<string>,
): ProposedMeasure {
  const thing = type === 'countDistinct' ? plural(name.replace(/_(id|ids|uuid|key|no|nr|number)$/, '')) : name
  const shown = type === 'countDistinct' ? thing.replaceAll('_', ' ') : uncapitalized(title)
  return {
    name: unique(withPrefix(PREFIXES[type], thing), taken),
    title: `${TITLES[type]} ${shown}`.slice(0, 100),
    type,
    column: name,
  }
}

function withPrefix(prefix: string, name: string): string {
  return (name.startsWith(`${prefix}_`) ? `${prefix}_of_${name.slice(prefix.length + 1)}` : `${prefix}_${name}`).slice(
    0,
    63,
  )
}

function isFigure({ type, meaning, distinct }: ProposedColumn): boolean {
  const isNumber = type === 'integer' || type === 'decimal' || type === 'number'
  return (
    isNumber && distinct > 0 && !meaning.isYear && !meaning.isIdentifier && !meaning.isPosition && !meaning.isCoordinate
  )
}

function isAdditive(column: ProposedColumn): boolean {
  return isFigure(column) && !column.meaning.isIntensive
}

function isIntensive(column: ProposedColumn): boolean {
  return isFigure(column) && column.meaning.isIntensive
}

/** Identifiers that stand in several rows. */
function isCounted({ type, meaning, distinct, values }: ProposedColumn): boolean {
  const isName = type === 'text' || type === 'integer'
  return isName && meaning.isIdentifier && !meaning.isPosition && distinct > 1 && values.rows > 1
}

function plural(name: string): string {
  if (/s$/.test(name)) return name
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`
}

function uncapitalized(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title
}
