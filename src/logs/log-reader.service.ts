import { Injectable } from '@nestjs/common'
import { ValidationError } from '../common/errors/app-error.js'
import { cursorOf, positionOf, type LogPosition } from './log-cursor.js'
import type { OwnLogEntry, LogPagination, LogQuery } from './logs.dto.js'
import { RequestLogRepository, type LogFilters, type PositionedLogRow } from './request-log.repository.js'

const EXPORT_BATCH_ROWS = 2_000

/** Reads the request log: a page of it, or all of it for a file. */
@Injectable()
export class LogReaderService {
  constructor(private readonly logs: RequestLogRepository) {}

  async page(query: LogQuery): Promise<{ data: OwnLogEntry[]; pagination: LogPagination }> {
    const { limit, offset, cursor } = query
    if (cursor !== undefined && offset > 0) {
      throw new ValidationError([{ path: 'cursor', message: 'cannot be used together with offset' }])
    }
    const behind = cursor === undefined ? undefined : positionOf(cursor)
    // One row more than asked for tells whether there is a next page.
    const [rows, { total, isExact }] = await Promise.all([
      this.logs.list(query, { limit: limit + 1, offset, behind }),
      this.logs.count(query),
    ])
    const shown = rows.slice(0, limit)
    const nextCursor = rows.length > limit ? cursorOf(lastOf(shown)) : null
    return { data: shown.map(entryOf), pagination: { limit, offset, total, nextCursor, totalIsExact: isExact } }
  }

  /** All of them, newest first, a batch at a time; no connection is held between two batches. */
  async *batches(filters: LogFilters): AsyncGenerator<OwnLogEntry[]> {
    for (let behind: LogPosition | undefined; ;) {
      const rows = await this.logs.list(filters, { limit: EXPORT_BATCH_ROWS, behind })
      if (rows.length > 0) yield rows.map(entryOf)
      if (rows.length < EXPORT_BATCH_ROWS) return
      behind = lastOf(rows)
    }
  }
}

function entryOf({ position: _position, ...entry }: PositionedLogRow): OwnLogEntry {
  return entry
}

function lastOf(rows: PositionedLogRow[]): LogPosition {
  const { position, id } = rows.at(-1)!
  return { timestamp: position, id }
}
