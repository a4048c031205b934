import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Config } from '../../../config/config.js'
import type { SourceEntity } from '../source.entity.js'
import { SourceLeaseLostError } from '../source.errors.js'
import { nextRunAfter } from '../source-schedule.js'
import { SourceRun, type RunResult } from './source-run.js'
import { SourceRunsRepository } from './source-runs.repository.js'
import { countRun } from './source-metrics.js'

const POLL_MS = 1_000
/** Of the lease, so that one renewal may fail. */
const RENEW_SHARE = 1 / 3
/** Sources that one process looks at side by side. */
const MAX_RUNNING = 4
/** Files that are being written are looked at again this soon, whatever the schedule. */
const UNSETTLED_MS = 5_000
const OUR_FAULT = 'Something went wrong on our side; the log has the details.'

/** Runs sources when they are due. Every process that runs ingestions does; a lease gives each source to one of them. */
@Injectable()
export class SourceWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Sources')
  private readonly running = new Map<SourceEntity, { abort: AbortController; ended: Promise<void> }>()
  private claiming?: Promise<void>
  private stopping = false

  constructor(
    private readonly config: Config,
    private readonly runs: SourceRunsRepository,
    private readonly sourceRun: SourceRun,
  ) {}

  @Interval(POLL_MS)
  async tick(): Promise<void> {
    if (!this.config.ingestionWorker || this.stopping || this.claiming || this.running.size >= MAX_RUNNING) return
    this.claiming = this.claim()
    await this.claiming.catch((error: unknown) => this.logger.warn(`sources wait: ${String(error)}`))
    this.claiming = undefined
  }

  /** A run that is under way is handed over: what it has made jobs of is noted. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true
    await this.claiming?.catch(() => undefined)
    for (const { abort } of this.running.values()) abort.abort()
    await Promise.all([...this.running.values()].map(({ ended }) => ended))
  }

  private async claim(): Promise<void> {
    for (const source of await this.runs.claim(MAX_RUNNING - this.running.size)) {
      const abort = new AbortController()
      const ended = this.run(source, abort).finally(() => this.running.delete(source))
      this.running.set(source, { abort, ended })
    }
  }

  /** Never rejects. */
  private async run(source: SourceEntity, abort: AbortController): Promise<void> {
    const renewMs = this.config.ingestionLeaseSeconds * 1_000 * RENEW_SHARE
    const renewal = setInterval(() => void this.renew(source, abort), renewMs)
    try {
      await this.finish(source, await this.sourceRun.run(source, abort.signal))
    } catch (error) {
      await this.fail(source, error)
    } finally {
      clearInterval(renewal)
    }
  }

  private async renew(source: SourceEntity, abort: AbortController): Promise<void> {
    // A database that is away for a moment does not end the run; a note of it would fail then.
    const isHeld = await this.runs.renew(source).catch(() => true)
    if (!isHeld) abort.abort()
  }

  private async finish(source: SourceEntity, { error, unsettled }: RunResult): Promise<void> {
    const consecutiveFailures = error === null ? 0 : source.consecutiveFailures + 1
    const scheduled = nextRunAfter(source.schedule, consecutiveFailures, new Date())
    const soon = new Date(Date.now() + UNSETTLED_MS)
    const nextRunAt = error === null && unsettled > 0 && soon < scheduled ? soon : scheduled
    countRun(source.type, error === null ? 'succeeded' : 'failed')
    if (error !== null) this.logger.warn(`${source.dataset} from "${source.name}": ${error}`)
    await this.runs.finish(source, { nextRunAt, error, consecutiveFailures })
  }

  private async fail(source: SourceEntity, error: unknown): Promise<void> {
    try {
      if (error instanceof SourceLeaseLostError) return await this.runs.release(source)
      this.logger.error(`${source.dataset} from "${source.name}": ${(error as Error).stack ?? String(error)}`)
      await this.finish(source, { error: OUR_FAULT, unsettled: 0 })
    } catch (problem) {
      // Its lease ends by itself, and then it is run again.
      this.logger.warn(`${source.id}: ${String(problem)}`)
    }
  }
}
