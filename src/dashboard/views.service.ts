import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { SchedulerRegistry } from '@nestjs/schedule'
import { CronJob } from 'cron'
import { AppError } from '../common/errors/app-error.js'
import { Config } from '../config/config.js'
import { DATASET_CHANGED, type DatasetEvent } from '../datasets/dataset-events.js'
import { DatasetVersions } from '../datasets/dataset-versions.js'
import { TRANSACTIONS } from '../datasets/transactions.dataset.js'
import { RefreshSchedule } from './refresh-schedule.js'
import { ROLLUPS } from './rollups.js'
import type { RefreshedViews, ViewStatus } from './views.dto.js'
import { ViewsRepository } from './views.repository.js'

/** Finds changes made by other processes, and tries again what failed. */
const SWEEP_MS = 2_000

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
  private isRefreshing = false
  private readonly pace = new RefreshSchedule()

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
    if (dataset === TRANSACTIONS.name) this.lookIn(this.pace.restMs())
  }

  /** Somebody waits for the views to follow a change. */
  refreshSoon(): void {
    if (this.isRefreshing) return
    this.pace.isAwaited = true
    this.lookIn(this.pace.restMs())
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
    const restMs = this.pace.restMs()
    if (restMs > 0) return this.lookIn(restMs)
    try {
      if (await isNeedless()) return
      this.isRefreshing = true
      const started = Date.now()
      await this.pull(false)
      this.pace.succeeded(Date.now() - started)
    } catch (error) {
      this.pace.failed()
      this.logger.warn(`the views stay as they are: ${(error as Error).message}`)
    } finally {
      this.isRefreshing = false
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
