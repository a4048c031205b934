import { Injectable } from '@nestjs/common'
import { ValidationError } from '../common/errors/app-error.js'
import type { Principal } from '../common/principal.js'
import { accountOf } from '../auth/principal-quota.js'
import { EventBatch } from './event-batch.js'
import { countRejected } from './event-metrics.js'
import { readEvent, InvalidEvent } from './event-reader.js'
import { EventWriter, type EventGroup } from './event-writer.js'
import type { BatchResponse } from './events.dto.js'

/** Checks events and has them stored. QuotaExceededError (429) when too many of the principal's wait for that. */
@Injectable()
export class EventsService {
  constructor(private readonly writer: EventWriter) {}

  /** Gives the event's id when it is durable. Throws ValidationError (400) or UnavailableError (503). */
  async ingest(value: unknown, principal: Principal): Promise<string> {
    const receivedMs = Date.now()
    const read = readEvent(value, receivedMs)
    if (read instanceof InvalidEvent) {
      countRejected('invalid', 1)
      throw new ValidationError([read.problem])
    }
    await this.write({ events: [read.event], rows: [read.row], receivedMs }, principal)
    return read.event.id
  }

  /** Stores the good ones, all or none of them, and tells of each other one what is wrong with it. */
  async ingestBatch(batch: EventBatch, principal: Principal): Promise<BatchResponse> {
    const { events, rejected } = batch
    countRejected('invalid', rejected.length)
    if (events.length > 0) await this.write(batch, principal)
    return { status: 'data received', accepted: events.length, rejected }
  }

  newBatch(): EventBatch {
    return new EventBatch()
  }

  private write({ events, rows, receivedMs }: Omit<EventGroup, 'bytes'>, principal: Principal): Promise<void> {
    const bytes = rows.reduce((sum, row) => sum + row.length, 0)
    return this.writer.write({ events, rows, bytes, receivedMs }, accountOf(principal))
  }
}
