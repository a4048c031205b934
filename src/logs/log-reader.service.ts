import { Injectable } from '@nestjs/common'
import { EffectiveAccess } from '../auth/access/effective-access.js'
import { ValidationError } from '../common/errors/app-error.js'
import { visibleSubjectOf } from '../credits/charge-reason.js'
import { cursorOf, positionOf, type LogPosition } from './log-cursor.js'
import type { DetailedLogEntry, LogPagination, LogQuery } from './logs.dto.js'
import { RequestLogRepository, type LogFilters, type PositionedLogRow } from './request-log.repository.js'

const EXPORT_BATCH_ROWS = 2_000

/** Reads the request log: a page of it, or all of it for a file. It names no dataset that does not exist for `access`. */
@Injectable()
export class LogReaderService {
  constructor(private readonly logs: RequestLogRepository) {}

  async page(
    query: LogQuery,
    access = EffectiveAccess.UNRESTRICTED,
  ): Promise<{ data: DetailedLogEntry[]; pagination: LogPagination }> {
    const { limit, offset, cursor } = query
    if (cursor !== undefined && offset > 0) {
      throw new ValidationError([{ path: 'cursor', message: 'cannot be used together with offset' }])
    }
    if (asksForHidden(query, access))
      return { data: [], pagination: { limit, offset, total: 0, nextCursor: null, totalIsExact: true } }
    const behind = cursor === undefined ? undefined : positionOf(cursor)
    // One row more than asked for tells whether there is a next page.
    const [rows, { total, isExact }] = await Promise.all([
      this.logs.list(query, { limit: limit + 1, offset, behind }),
      this.logs.count(query),
    ])
    const shown = rows.slice(0, limit)
    const nextCursor = rows.length > limit ? cursorOf(lastOf(shown)) : null
    return {
      data: shown.map((row) => entryOf(row, access)),
      pagination: { limit, offset, total, nextCursor, totalIsExact: isExact },
    }
  }

  /** All of them, newest first, a batch at a time; no connection is held between two batches. */
  async *batches(filters: LogFilters, access = EffectiveAccess.UNRESTRICTED): AsyncGenerator<DetailedLogEntry[]> {
    if (asksForHidden(filters, access)) return
    for (let behind: LogPosition | undefined; ;) {
      const rows = await this.logs.list(filters, { limit: EXPORT_BATCH_ROWS, behind })
      if (rows.length > 0) yield rows.map((row) => entryOf(row, access))
      if (rows.length < EXPORT_BATCH_ROWS) return
      behind = lastOf(rows)
    }
  }
}

function asksForHidden({ dataset }: LogFilters, access: EffectiveAccess): boolean {
  return dataset !== undefined && !access.mayUseDataset(dataset)
}

function entryOf({ position: _position, ...entry }: PositionedLogRow, access: EffectiveAccess): DetailedLogEntry {
  const { dataset } = visibleSubjectOf({ dataset: entry.dataset, endpoint: null }, access)
  return { ...entry, dataset }
}

function lastOf(rows: PositionedLogRow[]): LogPosition {
  const { position, id } = rows.at(-1)!
  return { timestamp: position, id }
}
