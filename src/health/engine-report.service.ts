import { Injectable } from '@nestjs/common'
import { statfs } from 'node:fs/promises'
import { inTime } from '../common/in-time.js'
import { Config } from '../config/config.js'
import { givenProperties } from '../config/load-config.js'
import { Cache } from '../infrastructure/cache/cache.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { Database } from '../infrastructure/database/database.js'
import { JobQueue } from '../infrastructure/queue/job-queue.js'
import { HealthService } from './health.service.js'
import type { EngineHealth } from './settings.dto.js'

type Details = Pick<EngineHealth, 'version' | 'usedBytes' | 'freeBytes' | 'lagSeconds' | 'waitingMessages'>

const UNKNOWN: Details = { version: null, usedBytes: null, freeBytes: null, lagSeconds: null, waitingMessages: null }
const LIMIT_MS = 2_000

/** What an operator wants to know of the engines beyond whether they answer. */
@Injectable()
export class EngineReportService {
  constructor(
    private readonly health: HealthService,
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly cache: Cache,
    private readonly queue: JobQueue,
    private readonly config: Config,
  ) {}

  /** What an engine does not tell within 2 seconds is null. */
  async report(): Promise<EngineHealth[]> {
    const states = await this.health.engines()
    return Promise.all(
      states.map(async ({ engine, isUp, seconds }) => ({
        name: engine,
        isUp,
        isEmbedded: this.isEmbedded(engine),
        latencyMs: Math.round(seconds * 100_000) / 100,
        ...(isUp ? await inTime(this.detailsOf(engine), LIMIT_MS).catch(() => UNKNOWN) : UNKNOWN),
      })),
    )
  }

  private isEmbedded(engine: string): boolean {
    const property = { postgres: 'postgresUrl', clickhouse: 'clickhouseUrl' }[engine]
    return property !== undefined && !givenProperties(this.config).has(property)
  }

  private detailsOf(engine: string): Promise<Details> {
    if (engine === 'postgres') return this.ofPostgres()
    if (engine === 'clickhouse') return this.ofClickHouse()
    return engine === 'rabbitmq' ? this.ofRabbitmq() : this.ofRedis()
  }

  private async ofPostgres(): Promise<Details> {
    const [row] = await this.database.query<{ version: string; bytes: number; lag: number | null }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
              pg_database_size(current_database())::float8 AS bytes,
              (SELECT extract(epoch FROM max(replay_lag))::float8 FROM pg_stat_replication) AS lag`,
    )
    return {
      ...UNKNOWN,
      version: row!.version,
      usedBytes: row!.bytes,
      freeBytes: this.isEmbedded('postgres') ? await freeBytesOf(this.config.dataDir) : null,
      lagSeconds: row!.lag,
    }
  }

  private async ofClickHouse(): Promise<Details> {
    const [row] = await this.clickhouse.query<{ version: string; used: string; free: string; lag: string | null }>(
      `SELECT version() AS version,
              (SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase()) AS used,
              (SELECT min(free_space) FROM system.disks WHERE type = 'Local') AS free,
              (SELECT if(count() = 0, NULL, max(absolute_delay)) FROM system.replicas) AS lag`,
    )
    return {
      ...UNKNOWN,
      version: row!.version,
      usedBytes: Number(row!.used),
      freeBytes: Number(row!.free) || null,
      lagSeconds: row!.lag === null ? null : Number(row!.lag),
    }
  }

  private async ofRedis(): Promise<Details> {
    return { ...UNKNOWN, ...(await this.cache.server()) }
  }

  private async ofRabbitmq(): Promise<Details> {
    const depths = await this.queue.depths()
    const version = this.queue.brokerVersion()
    return { ...UNKNOWN, version, waitingMessages: depths.reduce((sum, { messages }) => sum + messages, 0) }
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
