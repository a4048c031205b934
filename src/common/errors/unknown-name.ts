import { distance } from 'fastest-levenshtein'
import { comparable } from '../comparable-name.js'

/** Longer names are compared no further: nobody mistypes so much, and comparing takes the product of the lengths. */
const MAX_COMPARED_CHARS = 64
/** More names than any catalog has; the rest would not be compared. */
const MAX_COMPARED_NAMES = 2_000
const MAX_NEAREST = 3
/** Where there are more, those that are nearest are listed. */
const MAX_LISTED = 20

/**
 * What to tell somebody who named what does not exist: the nearest names, and what there is.
 * `Unknown measure "revenu". Did you mean "revenue"? Use transactions, revenue or items_sold`
 */
export function unknownName(what: string, name: unknown, known: readonly string[]): string {
  return `Unknown ${what} ${quoted(name)}. ${nameHint(name, known)}`.trimEnd()
}

/** The second half of `unknownName`, for messages that begin in another way; empty when there is nothing to choose from. */
export function nameHint(name: unknown, known: readonly string[]): string {
  const ranked = rank(name, known)
  const guess = guessOf(ranked)
  return known.length > 0 ? `${guess && `${guess} `}Use ${listOf(known, ranked)}` : ''
}

/** `Did you mean "revenue"?`, where what there is, is told in another place; empty when nothing is near. */
export function nearestName(name: unknown, known: readonly string[]): string {
  return guessOf(rank(name, known))
}

/** Whatever the caller sent, short, for a message. Nothing is printed as JSON: it may be nested without end. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = String(value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** One of `choices` in words: `day, week or month`. */
export function choiceOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

interface RankedName {
  known: string
  edits: number
  lengthened: number
  /** near enough to be what was meant */
  isNear: boolean
}

/** Nearest first. Case and separators do not count: `TransactionDate` is as near to `transaction_date` as can be. */
function rank(name: unknown, known: readonly string[]): RankedName[] {
  if (typeof name !== 'string' || name.length > MAX_COMPARED_CHARS) return []
  const wanted = comparable(name)
  if (wanted === '') return []
  return known
    .slice(0, MAX_COMPARED_NAMES)
    .map((each) => ranked(wanted, each))
    .sort((a, b) => Number(b.isNear) - Number(a.isNear) || a.edits - b.edits || a.lengthened - b.lengthened)
}

function ranked(wanted: string, known: string): RankedName {
  const candidate = comparable(known.slice(0, MAX_COMPARED_CHARS))
  const edits = distance(wanted, candidate)
  const lengthened = Math.abs(wanted.length - candidate.length)
  const isPart = isPartOf(wanted, candidate) || isPartOf(candidate, wanted)
  return { known, edits, lengthened, isNear: isPart || edits <= allowedEdits(wanted) }
}

/** A third of the name; two letters that changed places are two edits, also in a name of four. */
function allowedEdits({ length }: string): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 3))
}

/** `users` of `unique_users`; what is shorter is part of too much. */
function isPartOf(part: string, whole: string): boolean {
  return part.length >= 4 && whole.includes(part)
}

function guessOf(ranked: RankedName[]): string {
  const nearest = ranked.filter(({ isNear }) => isNear).slice(0, MAX_NEAREST)
  return nearest.length > 0 ? `Did you mean ${choiceOf(nearest.map(({ known }) => `"${known}"`))}?` : ''
}

function listOf(known: readonly string[], ranked: RankedName[]): string {
  if (known.length <= MAX_LISTED) return choiceOf(known)
  const listed = ranked.length > 0 ? ranked.map((each) => each.known) : known
  return `one of ${known.length} names, such as ${listed.slice(0, MAX_LISTED / 2).join(', ')}`
}
