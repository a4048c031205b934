import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { SchedulerRegistry } from '@nestjs/schedule'
import { CronJob } from 'cron'
import { AppError } from '../common/app-error.js'
import { Config } from '../config/config.js'
import { DATASET_CHANGED, type DatasetEvent } from '../datasets/dataset-events.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import { TRANSACTIONS } from '../datasets/transactions.dataset.js'
import { ROLLUPS } from './rollups.js'
import type { RefreshedViews, ViewStatus } from './views.dto.js'
import { ViewsRepository } from './views.repository.js'

/** What changes within so long after a change shares its refresh. */
const DEBOUNCE_MS = 200
/** Finds changes made by other processes, and tries again what failed. */
const SWEEP_MS = 2_000
/** Between two refreshes that nobody asked for, this many times as long as one takes: they may use a fifth of the time. */
const REST_FACTOR = 4
const MAX_BACK_OFF_MS = 60_000

/**
 * Keeps the materialized views up to the dataset: at every change of it, by VIEWS_REFRESH_CRON, and on demand. Any number
 * of instances may run it; the state in PostgreSQL tells each whether the views are behind, and a lock lets one refresh.
 */
@Injectable()
export class ViewsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Views')
  private timer?: NodeJS.Timeout
  private timerAt = Infinity
  private refreshing?: Promise<void>
  private isEnding = false
  private notBefore = 0
  private failures = 0

  constructor(
    private readonly views: ViewsRepository,
    private readonly versions: DatasetVersions,
    private readonly scheduler: SchedulerRegistry,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    const job = CronJob.from({
      cronTime: this.config.viewsRefreshCron,
      timeZone: 'UTC',
      onTick: () => this.inTurn(() => this.refreshUnless(() => Promise.resolve(false))),
    })
    this.scheduler.addCronJob('views', job)
    job.start()
    this.lookIn(0)
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isEnding = true
    clearTimeout(this.timer)
    await this.refreshing
  }

  @OnEvent(DATASET_CHANGED)
  datasetChanged({ dataset }: DatasetEvent): void {
    if (dataset === TRANSACTIONS.name) this.lookIn(Math.max(DEBOUNCE_MS, this.notBefore - Date.now()))
  }

  /** Refreshes now, after whoever is doing it already, and says what it took. Throws what went wrong. */
  async refresh(): Promise<RefreshedViews> {
    const started = performance.now()
    await this.pull(true)
    return { durationMs: Math.round(performance.now() - started), ...(await this.statuses()) }
  }

  async statuses(): Promise<{ refreshedAt: string | null; data: ViewStatus[] }> {
    const [state, refreshes] = await Promise.all([this.views.state(), this.views.refreshes()])
    const lastErrorAt = state.lastErrorAt?.toISOString() ?? null
    const data = ROLLUPS.map(({ view }) => {
      const last = refreshes.find((refresh) => refresh.view === view)
      const { rows = 0, durationMs = null } = last ?? {}
      const refreshedAt = last?.refreshedAt.toISOString() ?? null
      return { name: view, rows, durationMs, refreshedAt, lastError: state.lastError, lastErrorAt }
    })
    return { refreshedAt: state.refreshedAt?.toISOString() ?? null, data }
  }

  /** Looks in so long, or sooner if that was planned: changes that never stop must not put it off for ever. */
  private lookIn(delayMs: number): void {
    const at = Date.now() + delayMs
    if (this.isEnding || this.timerAt <= at) return
    clearTimeout(this.timer)
    this.timerAt = at
    this.timer = setTimeout(() => this.look(), delayMs)
  }

  private look(): void {
    this.timerAt = Infinity
    this.inTurn(() => this.refreshUnless(() => this.areFresh()))
  }

  /** One after the other within this process; looks again after a while whatever happened. */
  private inTurn(work: () => Promise<void>): void {
    this.refreshing = (this.refreshing ?? Promise.resolve()).then(work).finally(() => this.lookIn(SWEEP_MS))
  }

  private async areFresh(): Promise<boolean> {
    const [state, current] = await Promise.all([this.views.state(), this.versions.current(TRANSACTIONS.name)])
    return state.datasetVersion === current.version
  }

  private async refreshUnless(isNeedless: () => Promise<boolean>): Promise<void> {
    if (Date.now() < this.notBefore) return
    try {
      if (await isNeedless()) return
      const started = Date.now()
      await this.pull(false)
      this.failures = 0
      this.notBefore = Date.now() + REST_FACTOR * (Date.now() - started)
    } catch (error) {
      this.notBefore = Date.now() + Math.min(1_000 * 2 ** this.failures++, MAX_BACK_OFF_MS)
      this.logger.warn(`the views stay as they are: ${(error as Error).message}`)
    }
  }

  /** The version is read before the rows: what changes while they are read makes the views stale again. */
  private async pull(wait: boolean): Promise<void> {
    const { version } = await this.versions.current(TRANSACTIONS.name)
    try {
      await this.views.refresh(version, wait)
    } catch (error) {
      await this.views.recordFailure(reasonOf(error)).catch(() => undefined)
      throw error
    }
  }
}

/** For the operator's eyes in an answer; the log has the rest. */
function reasonOf(error: unknown): string {
  const isOurs = error instanceof AppError && error.code !== 'INTERNAL'
  return isOurs ? error.message : 'Something went wrong on our side; the log has the details.'
}
