import { validate } from 'uuid'
import type { ChangePosition } from './user-changes.repository.js'

/**
 * Where a reader of the stream is. Among the existing users: the last one it got, and where the changes begin that it
 * gets afterwards. Then: the last change it got.
 */
export type StreamPosition =
  { phase: 'users'; after: string; since: ChangePosition } | { phase: 'changes'; after: ChangePosition }

const NUMBER = /^\d{1,19}$/

/** As the id of a server-sent event: `users:<xid>:<user id>` or `changes:<xid>:<seq>`. */
export function formatPosition(position: StreamPosition): string {
  if (position.phase === 'users') return `users:${position.since.xid}:${position.after}`
  return `changes:${position.after.xid}:${position.after.seq}`
}

/** Undefined for a text that is no position. */
export function parsePosition(text: string): StreamPosition | undefined {
  const [phase, xid, last, ...rest] = text.split(':')
  if (!xid || !last || rest.length > 0 || !NUMBER.test(xid)) return undefined
  if (phase === 'users' && validate(last)) return { phase, after: last.toLowerCase(), since: { xid, seq: '0' } }
  if (phase === 'changes' && NUMBER.test(last)) return { phase, after: { xid, seq: last } }
  return undefined
}
