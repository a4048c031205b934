import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { Counter, register } from 'prom-client'
import { UnavailableError } from '../common/errors/app-error.js'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { LogPartitionsService } from './log-partitions.service.js'
import { RequestLogRepository, type LogRow } from './request-log.repository.js'

const FLUSH_MS = 250
const BATCH_ROWS = 500
const MAX_BUFFERED_ROWS = 50_000
const RETRY_MS = 1_000
const WARN_EVERY_MS = 10_000

const NO_PARTITION = '23514'

const DROPPED = 'countinghouse_request_log_dropped_total'

/**
 * The request log, off the hot path: `add` only pushes to a bounded buffer, which is written in batches every quarter
 * of a second. While PostgreSQL is away rows wait; what the buffer cannot hold is counted and reported. What waits when
 * the process is killed is lost and not counted.
 */
@Injectable()
export class RequestLogService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('RequestLog')
  private buffer: LogRow[] = []
  private batchRows = BATCH_ROWS
  private timer?: NodeJS.Timeout
  private writing?: Promise<void>
  /** a statement failed since the buffer was last empty, so rows of it may have been stored all the same */
  private isUnconfirmed = false
  private closing = false
  private dropped = 0
  private warnedAtMs = -Infinity
  private counter?: Counter

  constructor(
    private readonly logs: RequestLogRepository,
    private readonly partitions: LogPartitionsService,
  ) {}

  onModuleInit(): void {
    register.removeSingleMetric(DROPPED)
    this.counter = new Counter({ name: DROPPED, help: 'Rows of the request log that could not be written' })
    observeGauge({
      name: 'countinghouse_request_log_buffered_rows',
      help: 'Rows of the request log that wait to be written',
      read: () => this.buffer.length,
    })
  }

  add(row: LogRow): void {
    if (this.buffer.length >= MAX_BUFFERED_ROWS) this.drop(1)
    else this.buffer.push(row)
    if (this.buffer.length >= BATCH_ROWS && !this.writing) this.flush()
    else this.timer ??= setTimeout(() => this.flush(), FLUSH_MS)
  }

  /** After the last request has been answered. */
  async onApplicationShutdown(): Promise<void> {
    this.closing = true
    this.flush()
    await this.writing
    if (this.buffer.length > 0) this.drop(this.buffer.splice(0).length)
    this.report()
  }

  private flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined))
  }

  private async writeAll(): Promise<void> {
    while (this.buffer.length > 0) {
      const batch = this.buffer.splice(0, this.batchRows)
      try {
        await this.write(batch)
        this.batchRows = Math.min(BATCH_ROWS, this.batchRows * 2)
      } catch (error) {
        this.isUnconfirmed = true
        if (isRowError(error)) this.refuse(batch, error)
        else if (!(await this.waitWith(batch, error))) return
      }
      this.report()
    }
    this.isUnconfirmed = false
  }

  private async write(batch: LogRow[]): Promise<void> {
    const rows = { mayBeThere: this.isUnconfirmed }
    try {
      await this.logs.insert(batch, rows)
    } catch (error) {
      if ((error as { code?: string }).code !== NO_PARTITION) throw error
      await this.partitions.ensureFor(batch.map(({ timestamp }) => timestamp))
      await this.logs.insert(batch, rows)
    }
  }

  /** Puts the rows back for the next try; false when there will be none. */
  private async waitWith(batch: LogRow[], error: unknown): Promise<boolean> {
    this.buffer.unshift(...batch)
    this.warn(`${this.buffer.length} rows of the request log wait for PostgreSQL: ${String(error)}`)
    this.drop(this.buffer.splice(MAX_BUFFERED_ROWS).length)
    if (this.closing) return false
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    return true
  }

  /** Smaller batches until the bad row is alone: it must not take the others with it. */
  private refuse(batch: LogRow[], error: unknown): void {
    if (batch.length === 1) {
      this.logger.error(`a row of the request log cannot be written: ${String(error)}`)
      this.drop(1)
      return
    }
    this.batchRows = Math.ceil(batch.length / 2)
    this.buffer.unshift(...batch)
  }

  private drop(rows: number): void {
    this.dropped += rows
    if (rows > 0) this.counter?.inc(rows)
  }

  private report(): void {
    if (this.dropped > 0 && this.warn(`${this.dropped} rows of the request log were dropped`)) this.dropped = 0
  }

  /** Not with every try; false when it was held back. */
  private warn(message: string): boolean {
    if (!this.closing && Date.now() - this.warnedAtMs < WARN_EVERY_MS) return false
    this.warnedAtMs = Date.now()
    this.logger.warn(message)
    return true
  }
}

/** Of SQLSTATE: class 22 data, 23 constraints. Anything else of the database (a timeout, a full disk) may pass. */
function isRowError(error: unknown): boolean {
  if (error instanceof UnavailableError) return false
  const { code } = error as { code?: string }
  return code === undefined || /^2[23]/.test(code)
}
