import { hash } from 'node:crypto'

/**
 * A tag of what a response is about. Weak (RFC 9110, 8.8.3): the id, the time and the credits of a response differ each time
 * that its data are the same.
 */
export function entityTag(parts: readonly string[]): string {
  return `W/"${hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 27)}"`
}

/** Whether `If-None-Match` has the tag, by the weak comparison. */
export function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((each) => opaque(each) === opaque(tag))
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
