import { Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Config } from '../config/config.js'
import { LogPartitionsRepository } from './log-partitions.repository.js'

const DAY_MS = 86_400_000
/** This month and the next ones: a server that nobody restarts has weeks to make them. */
const MONTHS_AHEAD = 3

/** Monthly partitions of the request log: made ahead of time, dropped when they are older than LOG_RETENTION_DAYS. */
@Injectable()
export class LogPartitionsService implements OnModuleInit {
  private readonly logger = new Logger('RequestLog')

  constructor(
    private readonly partitions: LogPartitionsRepository,
    private readonly config: Config,
  ) {}

  onModuleInit(): Promise<void> {
    return this.maintain()
  }

  @Interval(DAY_MS / 4)
  async maintainQuietly(): Promise<void> {
    await this.maintain().catch((error: unknown) => this.logger.warn(`partitions of the log: ${String(error)}`))
  }

  /** By one instance at a time; the others find it done. */
  async maintain(now = new Date()): Promise<void> {
    const months = Array.from({ length: MONTHS_AHEAD }, (_, ahead) => monthOf(now, ahead))
    await this.ensureFor(months)
    const days = this.config.logRetentionDays
    const dropped = await this.partitions.dropBefore(monthOf(new Date(now.getTime() - days * DAY_MS)))
    for (const name of dropped) this.logger.log(`dropped ${name}: older than ${days} days`)
  }

  /** Makes the partitions of these times where they are missing. */
  async ensureFor(times: Date[]): Promise<void> {
    const months = new Set(times.map((time) => monthOf(time).getTime()))
    for (const month of months) await this.partitions.createIfMissing(new Date(month), monthOf(new Date(month), 1))
  }
}

/** The first moment of the month, in UTC, `ahead` months later. */
function monthOf(time: Date, ahead = 0): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + ahead))
}
