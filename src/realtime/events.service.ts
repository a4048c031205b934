import { Injectable } from '@nestjs/common'
import { ValidationError } from '../common/app-error.js'
import { NOT_JSON } from './event-body.js'
import { readEvent, UnfitEvent, type ReadEvent } from './event-reader.js'
import { EventWriter } from './event-writer.js'
import type { BatchAnswer, RejectedEvent } from './events.dto.js'

/** Checks events and has them stored. */
@Injectable()
export class EventsService {
  constructor(private readonly writer: EventWriter) {}

  /** Gives the event's id when it is durable. Throws ValidationError (400) or UnavailableError (503). */
  async ingest(value: unknown): Promise<string> {
    const nowMs = Date.now()
    const read = readEvent(value, nowMs)
    if (read instanceof UnfitEvent) throw new ValidationError([read.problem])
    await this.write([read], nowMs)
    return read.event.id
  }

  /** Stores the good ones, all or none of them, and tells of each other one what is wrong with it. */
  async ingestBatch(values: unknown[]): Promise<BatchAnswer> {
    const nowMs = Date.now()
    const good: ReadEvent[] = []
    const rejected: RejectedEvent[] = []
    for (const [index, value] of values.entries()) {
      const read = value === NOT_JSON ? 'is not valid JSON' : readEvent(value, nowMs)
      if (typeof read === 'string') rejected.push({ index, reason: read })
      else if (read instanceof UnfitEvent) rejected.push({ index, reason: reasonOf(read) })
      else good.push(read)
    }
    if (good.length > 0) await this.write(good, nowMs)
    return { status: 'data received', accepted: good.length, rejected }
  }

  private write(read: ReadEvent[], receivedMs: number): Promise<void> {
    const rows = read.map(({ row }) => row)
    const bytes = rows.reduce((sum, row) => sum + row.length, 0)
    return this.writer.write({ events: read.map(({ event }) => event), rows, bytes, receivedMs })
  }
}

function reasonOf({ problem: { path, message } }: UnfitEvent): string {
  return path ? `${path}: ${message}` : message
}
