import { Injectable, Logger } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../common/errors/app-error.js'
import { GroupCommit } from '../common/group-commit.js'
import { newId } from '../common/new-id.js'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { nextTimeSlice } from '../common/time-slices.js'
import { Config } from '../config/config.js'
import { QuotaExceededError } from '../auth/auth.errors.js'
import { PrincipalQuota } from '../auth/principal-quota.js'
import { ClickHouseStatementError, ClickHouseUnavailableError } from '../infrastructure/clickhouse/clickhouse.errors.js'
import { countAccepted, countRejected, rejectionOf } from './event-metrics.js'
import { EventsRepository } from './events.repository.js'
import { EVENTS_STORED, type StoredEvent } from './stored-event.js'

/** The events of one request. */
export interface EventGroup {
  events: StoredEvent[]
  /** lines for ClickHouse, one or more in each text */
  rows: string[]
  bytes: number
  receivedMs: number
}

const MAX_INSERT_BYTES = 16 * 1024 * 1024
/** Listeners get so many stored events at a time; others are served in between. */
const MAX_TOLD_EVENTS = 1_000
/** So many are looked for on each replica of a cluster: in each shard some of them. */
const MAX_CHECKED_EVENTS = 64
/** Longer than clients take to send the next one, and less than an insert takes. */
const LINGER_MS = 5
/** The embedded engine is back within a second after it was killed. */
const RETRY_DELAYS_MS = [100, 300, 600, 1_000]

/**
 * Writes events to ClickHouse: requests that come while an insert is in flight share the next one. Order of
 * acknowledgement is order of arrival. Throws UnavailableError (503) when too much waits or ClickHouse is away.
 */
@Injectable()
export class EventWriter {
  private readonly logger = new Logger('Events')
  private readonly commits: GroupCommit<EventGroup, void>
  private readonly quota: PrincipalQuota
  private readonly waiting = { events: 0, bytes: 0 }

  constructor(
    private readonly repository: EventsRepository,
    private readonly emitter: EventEmitter2,
    config: Config,
  ) {
    this.quota = new PrincipalQuota(config.eventQueueBytesPerUser)
    this.commits = new GroupCommit<EventGroup, void>((groups) => this.commit(groups), {
      maxBatch: MAX_INSERT_BYTES,
      maxWaiting: config.eventQueueBytes,
      lingerMs: LINGER_MS,
      weightOf: ({ bytes }) => bytes,
    })
    this.showWaiting()
  }

  /** Resolves when all of them are durable. QuotaExceededError (429) while the account's own that wait are too many. */
  async write(group: EventGroup, account: string): Promise<void> {
    try {
      await this.writeWithin(group, account)
      countAccepted(group.events.length)
    } catch (error) {
      countRejected(rejectionOf(error), group.events.length)
      throw error
    }
  }

  private async writeWithin(group: EventGroup, account: string): Promise<void> {
    if (!this.quota.takeUnlessFull(account, group.bytes)) {
      throw new QuotaExceededError('Too many events of this account wait to be stored: send them again in a moment.')
    }
    this.wait(group, 1)
    try {
      await this.commits.submit(group)
    } finally {
      this.wait(group, -1)
      this.quota.release(account, group.bytes)
    }
  }

  private wait({ events, bytes }: EventGroup, sign: 1 | -1): void {
    this.waiting.events += sign * events.length
    this.waiting.bytes += sign * bytes
  }

  private showWaiting(): void {
    observeGauge({
      name: 'countinghouse_events_waiting',
      help: 'Events that wait to be stored',
      read: () => this.waiting.events,
    })
    observeGauge({
      name: 'countinghouse_events_waiting_bytes',
      help: 'Memory of the events that wait to be stored, of which EVENT_QUEUE_BYTES is the most',
      read: () => this.waiting.bytes,
    })
  }

  private async commit(groups: EventGroup[]): Promise<void[]> {
    await this.store(groups)
    const stored = groups.length === 1 ? groups[0]!.events : groups.flatMap(({ events }) => events)
    for (let start = 0; start < stored.length; start += MAX_TOLD_EVENTS) {
      if (start > 0) await nextTimeSlice()
      this.tell(stored.slice(start, start + MAX_TOLD_EVENTS))
    }
    return []
  }

  /** A listener that fails must not make durable events look refused. */
  private tell(stored: StoredEvent[]): void {
    try {
      this.emitter.emit(EVENTS_STORED, stored)
    } catch (error) {
      this.logger.error(error)
    }
  }

  /**
   * An insert whose response was lost is sent again under the same token, so that nothing is stored twice; while
   * ClickHouse stays unavailable, its requests get 503 and it is not known whether their events are stored.
   */
  private async store(groups: EventGroup[]): Promise<void> {
    const rows = groups.flatMap((group) => group.rows)
    let token = newId()
    for (let attempt = 0; ; attempt++) {
      try {
        await this.repository.insert(rows, token)
        await this.expectReplicated(groups)
        if (attempt === 0 || (await this.isStored(groups[0]!))) return
        // ClickHouse notes a token before it stores the rows, and was killed in between.
        token = newId()
      } catch (error) {
        await this.pauseAfter(error, attempt)
      }
    }
  }

  private expectReplicated(groups: EventGroup[]): Promise<void> {
    const ids = new Set(groups.flatMap(({ events }) => events.slice(0, MAX_CHECKED_EVENTS).map(({ id }) => id)))
    const receivedMs = Math.min(...groups.map((group) => group.receivedMs))
    return this.repository.expectReplicated([...ids].slice(0, MAX_CHECKED_EVENTS), receivedMs)
  }

  private isStored({ events, receivedMs }: EventGroup): Promise<boolean> {
    return this.repository.isStored(events[0]!.id, receivedMs)
  }

  private async pauseAfter(error: unknown, attempt: number): Promise<void> {
    const delayMs = RETRY_DELAYS_MS[attempt]
    if (error instanceof ClickHouseStatementError)
      throw new AppError(
        'INTERNAL',
        'The events could not be stored. Send them again; tell the operator the request id if it repeats.',
        { cause: error },
      )
    if (!(error instanceof ClickHouseUnavailableError) || delayMs === undefined) throw error
    this.logger.warn('ClickHouse is away; the events wait')
    await sleep(delayMs)
  }
}
