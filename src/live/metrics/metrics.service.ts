import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../common/errors/app-error.js'
import { MetricsDeltaBuilder, type MetricsDelta } from './metrics-delta.js'
import { FanOut } from './metrics-fan-out.js'
import { MetricsRepository } from './metrics.repository.js'
import { MetricsState, type Metrics } from './metrics-state.js'
import { EVENTS_STORED, type StoredEvent } from '../../events/stored-event.js'

/** Emitted when events of any instance came to be part of the metrics. Payload: the MetricsDelta. */
export const METRICS_MOVED = 'metrics.moved'
/** Emitted when ClickHouse knew more than was told, so that all of the metrics may have changed. */
export const METRICS_REPLACED = 'metrics.replaced'
/** Emitted when events that were told of late came to be part of the totals. */
export const METRICS_CAUGHT_UP = 'metrics.caught-up'

/** Events that come closer together than this go on together. */
const GATHER_MS = 30
/** Between two looks at ClickHouse */
const SETTLE_MS = 5_000
const SETTLE_SOON_MS = 500
/** What was received longer ago than this is taken to be stored: ClickHouse's count of it is the count. */
const OPEN_SECONDS = 3
/** An insert may take so long until a count of everything is needed to find its events. */
const BASE_SECONDS = 60
/** Every so often everything is counted, whatever happened. */
const RECOUNT_MS = 3_600_000
const FIRST_COUNT_WAIT_MS = 5_000
const CATCH_UP_WAIT_MS = 2_000

/** Totals and last values of all events: counted by ClickHouse at the start, and then kept up. */
@Injectable()
export class MetricsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Realtime')
  private readonly state = new MetricsState()
  private readonly gathering = new MetricsDeltaBuilder()
  private readonly stopping = new AbortController()
  private gatherTimer?: NodeJS.Timeout
  private settling?: Promise<void>
  private wake?: () => void
  private countedAtMs = -Infinity
  private isRecountDue = true
  private isSettleDue = false
  /** Unix seconds; 0 while ClickHouse is not counting */
  private countingUntil = 0
  private areLastEventsDue = true
  /** How often something was told of late, and how much of that ClickHouse's last count has. */
  private lateEvents = 0
  private caughtUpTo = 0
  private isReady = false

  constructor(
    private readonly repository: MetricsRepository,
    private readonly fanOut: FanOut,
    private readonly events: EventEmitter2,
  ) {}

  onApplicationBootstrap(): void {
    this.fanOut.listen((delta) => this.apply(delta))
    this.settling = this.keepSettled()
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort()
    this.wake?.()
    clearTimeout(this.gatherTimer)
    this.fanOut.close()
    await this.settling
  }

  @OnEvent(EVENTS_STORED)
  stored(events: readonly StoredEvent[]): void {
    this.gathering.add(events)
    this.gatherTimer ??= setTimeout(() => this.flush(), GATHER_MS)
  }

  /** Passes on what was stored here before the call. */
  flush(): void {
    clearTimeout(this.gatherTimer)
    this.gatherTimer = undefined
    if (this.gathering.isEmpty) return
    const delta = this.gathering.take()
    this.fanOut.publish(delta)
    this.apply(delta)
  }

  /** With everything that was stored here before the call. */
  snapshot(): Metrics {
    this.flush()
    return this.state.snapshot(Date.now())
  }

  eventsPerSecond(): number {
    return this.state.eventsPerSecond(Date.now())
  }

  /** Waits for the first count. */
  async ready(): Promise<void> {
    for (const deadline = Date.now() + FIRST_COUNT_WAIT_MS; !this.isReady; await sleep(50)) {
      if (Date.now() > deadline) throw new UnavailableError('The events are still being counted; try again.')
    }
  }

  /**
   * Waits until what was stored here before the call is in the totals. Only what ClickHouse has to count is waited for: events
   * of the second of the start, and of an insert that took seconds. While ClickHouse is away the totals lack them.
   */
  async caughtUp(): Promise<void> {
    await this.ready()
    this.flush()
    const mark = this.lateEvents
    for (const deadline = Date.now() + CATCH_UP_WAIT_MS; this.caughtUpTo < mark && Date.now() < deadline;)
      await sleep(20)
  }

  private apply(delta: MetricsDelta): void {
    const { isBehind, isBeforeBase } = this.state.add(delta)
    if (isBeforeBase) this.isRecountDue = true
    // ClickHouse's count that is under way may have missed it, and decides about its second.
    const isMissed = delta.seconds.some(([second]) => second < this.countingUntil)
    if (isBehind || isMissed) {
      this.lateEvents++
      this.settleSoon()
    }
    this.events.emit(METRICS_MOVED, delta)
  }

  private settleSoon(): void {
    this.isSettleDue = true
    this.wake?.()
  }

  private async keepSettled(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      let isDone = true
      await this.settle().catch((error: Error) => {
        isDone = false
        this.logger.debug(`the events could not be counted: ${error.message}`)
      })
      await this.pause(isDone)
    }
  }

  /** Not more often than twice a second, however much is behind. */
  private async pause(wasDone: boolean): Promise<void> {
    await sleep(SETTLE_SOON_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined)
    if (!wasDone || this.isSettleDue || this.isRecountDue || this.stopping.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS - SETTLE_SOON_MS)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.wake = undefined
  }

  private async settle(): Promise<void> {
    const nowSecond = Math.floor(Date.now() / 1000)
    const [base, until] = [nowSecond - BASE_SECONDS, this.cutAt(nowSecond)]
    const isMore = !this.isRecountDue && Date.now() - this.countedAtMs < RECOUNT_MS && base >= this.state.baseSecond
    const lateEvents = this.lateEvents
    this.isRecountDue = false
    this.isSettleDue = false
    this.countingUntil = until
    const counted = (dimension: Parameters<MetricsState['countedNames']>[0]): string[] =>
      isMore ? this.state.countedNames(dimension) : []
    try {
      const baseRows = await this.repository.count(isMore ? this.state.baseSecond : 0, base, counted)
      const openRows = await this.repository.count(base, until, counted)
      if (this.state.settle({ base, until, baseRows, isMore, openRows })) this.areLastEventsDue = true
      if (this.areLastEventsDue) await this.readLastEvents()
    } catch (error) {
      this.isRecountDue ||= !isMore
      throw error
    } finally {
      this.countingUntil = 0
    }
    if (!isMore) this.countedAtMs = Date.now()
    this.isReady = true
    this.catchUpTo(lateEvents)
  }

  private catchUpTo(lateEvents: number): void {
    if (lateEvents === this.caughtUpTo) return
    this.caughtUpTo = lateEvents
    this.events.emit(METRICS_CAUGHT_UP)
  }

  /**
   * It never goes back, since what was told of before it was left to ClickHouse. At a start nobody was here to be told of
   * anything, so ClickHouse counts up to the end of this second; likewise after the clock was set back.
   */
  private cutAt(nowSecond: number): number {
    const { untilSecond } = this.state
    if (untilSecond === 0 || untilSecond > nowSecond + OPEN_SECONDS) return nowSecond + 1
    return Math.max(untilSecond, nowSecond - OPEN_SECONDS)
  }

  /** Other instances stored them and could not tell, or nobody was there yet to be told. */
  private async readLastEvents(): Promise<void> {
    this.state.expectLastEvents()
    this.state.setLastEvents(await this.repository.lastEvents())
    this.areLastEventsDue = false
    this.events.emit(METRICS_REPLACED)
  }
}
