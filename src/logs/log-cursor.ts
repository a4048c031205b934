import { validate } from 'uuid'
import { ValidationError } from '../common/errors/app-error.js'

/** Where a page of the log ended: the next one starts behind it, however much was logged meanwhile. */
export interface LogPosition {
  /** ISO-8601 with microseconds, as PostgreSQL keeps it */
  timestamp: string
  id: string
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/

/** Opaque to callers. */
export function cursorOf({ timestamp, id }: LogPosition): string {
  return Buffer.from(`${timestamp} ${id}`).toString('base64url')
}

/** ValidationError for what no answer gave as `nextCursor`. */
export function positionOf(cursor: string): LogPosition {
  const [timestamp = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  if (!TIMESTAMP.test(timestamp) || Number.isNaN(Date.parse(timestamp)) || !validate(id)) {
    throw new ValidationError([{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }])
  }
  return { timestamp, id }
}
