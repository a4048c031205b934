import { closest, distance } from 'fastest-levenshtein'
import { printable } from './format.js'

const SHOWN = 20

/** What is said of a name that does not exist: the nearest one and those that do. `where` completes "there is none". */
export function unknownName(kind: string, name: string, names: string[], where = ''): string {
  const there = names.length > SHOWN ? [...names.slice(0, SHOWN), `and ${names.length - SHOWN} more`] : names
  const rest = names.length > 0 ? `There are: ${there.join(', ')}.` : `There are none${where && ` ${where}`}.`
  return printable(`${kind} "${name}" does not exist. ${guess(name, names)}${rest}`)
}

function guess(name: string, names: string[]): string {
  if (names.length === 0) return ''
  const nearest = closest(name.toLowerCase(), names)
  return distance(name.toLowerCase(), nearest) <= Math.max(2, name.length / 3) ? `Did you mean "${nearest}"? ` : ''
}
