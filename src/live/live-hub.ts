import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { Interval } from '@nestjs/schedule'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../common/errors/app-error.js'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { LiveChanges } from './live-changes.js'
import type { LiveClient } from './live-client.js'
import { Frame, type DashboardPart, type FrameData, type FrameType } from './live-frame.js'
import type { MetricsDelta } from './metrics/metrics-delta.js'
import { METRICS_CAUGHT_UP, METRICS_MOVED, METRICS_REPLACED, MetricsService } from './metrics/metrics.service.js'

/** At most ten frames a second to a client, also when timers are late. */
const FRAME_GAP_MS = 105
const MAX_CLIENTS = 5_000
const CLOSE_TIMEOUT_MS = 1_000

/**
 * Gives every connected client the same frames: a snapshot when it comes, then what changed. One frame at a time goes to
 * all, so its text is made once. A new client gets its snapshot when no event waits for a frame: the snapshot and the frames
 * behind it then fit together, without a gap and without an event twice.
 */
@Injectable()
export class LiveHub implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Realtime')
  private readonly clients = new Set<LiveClient>()
  private readonly joining = new Set<LiveClient>()
  private readonly changes = new LiveChanges(() => this.metrics.snapshot())
  private ingestions: () => object[] = () => []
  private timer?: NodeJS.Timeout
  private lastFrameMs = -Infinity
  private lastRate = 0
  private sequence = 0
  private isStopping = false

  constructor(private readonly metrics: MetricsService) {
    observeGauge({
      name: 'countinghouse_live_connections',
      help: 'Live streams that are open, WebSockets and server-sent events',
      read: () => this.size,
    })
  }

  get size(): number {
    return this.clients.size + this.joining.size
  }

  /** Everybody who is connected. */
  all(): LiveClient[] {
    return [...this.clients, ...this.joining]
  }

  hasJobReaders(): boolean {
    return this.all().some((client) => client.canReadJobs)
  }

  /** Refuses (503) when there is no room; ask before a connection is made. */
  async ensureRoom(): Promise<void> {
    if (this.isStopping) throw new UnavailableError('The server stops; connect again.')
    if (this.size >= MAX_CLIENTS) throw new UnavailableError('Too many live connections; try again later.')
    await this.metrics.ready()
  }

  join(client: LiveClient): void {
    if (this.isStopping) return client.close('stopping')
    this.joining.add(client)
    client.onGone(() => {
      this.clients.delete(client)
      this.joining.delete(client)
    })
    this.schedule()
  }

  /** What the snapshots of those who may read jobs show. */
  showIngestions(read: () => object[]): void {
    this.ingestions = read
  }

  ingestionChanged(id: string, job: object): void {
    if (this.size > 0) this.changes.addIngestion(id, job)
    this.schedule()
  }

  dashboardChanged(part: DashboardPart): void {
    if (this.size > 0) this.changes.addDashboard(part)
    this.schedule()
  }

  @OnEvent(METRICS_MOVED)
  eventsCame({ events, omitted }: MetricsDelta): void {
    if (this.size > 0) this.changes.addEvents(events, omitted)
    this.schedule()
  }

  @OnEvent(METRICS_CAUGHT_UP)
  totalsMoved(): void {
    if (this.size > 0) this.changes.addMetrics()
    this.schedule()
  }

  /** Frames cannot tell what has changed: everybody begins again with a snapshot. */
  @OnEvent(METRICS_REPLACED)
  metricsReplaced(): void {
    for (const client of this.clients) this.joining.add(client)
    this.clients.clear()
    this.changes.forgetMetrics()
    this.schedule()
  }

  /** The rate falls without any event. */
  @Interval(1_000)
  watchRate(): void {
    const rate = this.metrics.eventsPerSecond()
    if (rate === this.lastRate || this.size === 0) return
    this.lastRate = rate
    this.changes.addMetrics()
    this.schedule()
  }

  /** Says good-bye to everybody before the server closes, and waits a moment for their answers. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true
    clearTimeout(this.timer)
    for (const client of this.all()) client.close('stopping')
    for (const deadline = Date.now() + CLOSE_TIMEOUT_MS; this.size > 0 && Date.now() < deadline;) await sleep(20)
    for (const client of this.all()) client.cut()
  }

  private schedule(): void {
    if (this.isStopping || this.timer || this.size === 0) return
    if (this.changes.isEmpty && this.joining.size === 0) return
    const waitMs = Math.max(0, this.lastFrameMs + FRAME_GAP_MS - performance.now())
    this.timer = setTimeout(() => this.tick(), waitMs)
  }

  private tick(): void {
    this.timer = undefined
    this.lastFrameMs = performance.now()
    try {
      if (this.joining.size > 0) this.metrics.flush()
      const change = this.changes.next(this.lastFrameMs, this.size, this.joining.size > 0 ? 'event' : undefined)
      if (change) this.sendTo(this.clients, change.type, change.data)
      // All within this turn: no event can come between the frame and the snapshot.
      if (this.joining.size > 0) this.admit()
    } catch (error) {
      this.logger.error(error)
    }
    this.schedule()
  }

  private admit(): void {
    const metrics = this.metrics.snapshot()
    const joining = [...this.joining]
    this.joining.clear()
    for (const client of joining) this.clients.add(client)
    const [staff, others] = [
      joining.filter(({ canReadJobs }) => canReadJobs),
      joining.filter(({ canReadJobs }) => !canReadJobs),
    ]
    if (staff.length > 0) this.sendTo(staff, 'snapshot', { metrics, ingestions: this.ingestions() })
    if (others.length > 0) this.sendTo(others, 'snapshot', { metrics })
  }

  private sendTo(clients: Iterable<LiveClient>, type: FrameType, data: FrameData): void {
    const frame = new Frame(type, ++this.sequence, data)
    for (const client of clients) if (client.takes(type)) client.send(frame)
  }
}
