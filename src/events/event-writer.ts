import { Injectable, Logger } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../common/app-error.js'
import { GroupCommit } from '../common/group-commit.js'
import { newId } from '../common/new-id.js'
import { Config } from '../config/config.js'
import { WarehouseError, WarehouseUnavailableError } from '../warehouse/warehouse.errors.js'
import { EventsRepository } from './events.repository.js'
import { EVENTS_STORED, type StoredEvent } from './stored-event.js'

/** The events of one request. */
export interface EventGroup {
  events: StoredEvent[]
  rows: string[]
  bytes: number
  receivedMs: number
}

const MAX_INSERT_BYTES = 16 * 1024 * 1024
/** Longer than clients take to send the next one, and less than an insert takes. */
const LINGER_MS = 5
/** The embedded engine is back within a second after it was killed. */
const RETRY_DELAYS_MS = [100, 300, 600, 1_000]

/**
 * Writes events to the warehouse: requests that come while an insert is in flight share the next one. Order of
 * acknowledgement is order of arrival. Throws UnavailableError (503) when too much waits or the warehouse is away.
 */
@Injectable()
export class EventWriter {
  private readonly logger = new Logger('Events')
  private readonly commits: GroupCommit<EventGroup, void>

  constructor(
    private readonly repository: EventsRepository,
    private readonly emitter: EventEmitter2,
    config: Config,
  ) {
    this.commits = new GroupCommit<EventGroup, void>((groups) => this.commit(groups), {
      maxBatch: MAX_INSERT_BYTES,
      maxWaiting: config.eventQueueBytes,
      lingerMs: LINGER_MS,
      weightOf: ({ bytes }) => bytes,
    })
  }

  /** Resolves when all of them are durable. */
  write(group: EventGroup): Promise<void> {
    return this.commits.submit(group)
  }

  private async commit(groups: EventGroup[]): Promise<void[]> {
    await this.store(groups)
    const stored = groups.length === 1 ? groups[0]!.events : groups.flatMap(({ events }) => events)
    // A listener that fails must not make durable events look refused.
    try {
      this.emitter.emit(EVENTS_STORED, stored)
    } catch (error) {
      this.logger.error(error)
    }
    return []
  }

  /**
   * An insert whose answer was lost is sent again under the same token, so that nothing is stored twice; when the
   * warehouse stays away, its requests get 503 and nobody knows whether their events are stored.
   */
  private async store(groups: EventGroup[]): Promise<void> {
    const rows = groups.flatMap((group) => group.rows)
    let token = newId()
    for (let attempt = 0; ; attempt++) {
      try {
        await this.repository.insert(rows, token)
        if (attempt === 0 || (await this.isStored(groups[0]!))) return
        // The engine notes a token before it stores the rows, and was killed in between.
        token = newId()
      } catch (error) {
        await this.pauseAfter(error, attempt)
      }
    }
  }

  private isStored({ events, receivedMs }: EventGroup): Promise<boolean> {
    return this.repository.isStored(events[0]!.id, receivedMs)
  }

  private async pauseAfter(error: unknown, attempt: number): Promise<void> {
    const delayMs = RETRY_DELAYS_MS[attempt]
    if (error instanceof WarehouseError)
      throw new AppError('INTERNAL', 'The events could not be stored.', { cause: error })
    if (!(error instanceof WarehouseUnavailableError) || delayMs === undefined) throw error
    this.logger.warn('the warehouse is away; the events wait')
    await sleep(delayMs)
  }
}
