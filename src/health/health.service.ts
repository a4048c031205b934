import { Injectable } from '@nestjs/common'
import { inTime } from '../common/in-time.js'
import { Config } from '../config/config.js'
import { Cache } from '../infrastructure/cache/cache.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { Database } from '../infrastructure/database/database.js'
import { JobQueue } from '../infrastructure/queue/job-queue.js'
import type { HealthResponse } from './health.dto.js'

const LIMIT_MS = 2_000

/** How an engine responded. */
export interface EngineState {
  engine: string
  isUp: boolean
  /** how long it took, or was waited for */
  seconds: number
}

/** Asks each engine something real. */
@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly cache: Cache,
    private readonly queue: JobQueue,
    private readonly config: Config,
  ) {}

  /** Of the two that nothing works without. */
  async check(): Promise<HealthResponse> {
    const [postgres, clickhouse] = await Promise.all([this.postgres(), this.clickHouse()])
    return {
      status: postgres.isUp && clickhouse.isUp ? 'ok' : 'error',
      engines: { postgres: wordFor(postgres), clickhouse: wordFor(clickhouse) },
    }
  }

  /** Of all that are there, Redis and RabbitMQ included. */
  engines(): Promise<EngineState[]> {
    const { redisUrl, rabbitmqUrl } = this.config
    return Promise.all([
      this.postgres(),
      this.clickHouse(),
      ...(redisUrl ? [stateOf('redis', () => this.askRedis())] : []),
      ...(rabbitmqUrl ? [stateOf('rabbitmq', () => this.queue.depths())] : []),
    ])
  }

  private postgres(): Promise<EngineState> {
    return stateOf('postgres', () => this.database.query('SELECT 1'))
  }

  private clickHouse(): Promise<EngineState> {
    return stateOf('clickhouse', () => this.clickhouse.ping())
  }

  private async askRedis(): Promise<void> {
    if (!(await this.cache.isReachable())) throw new Error('Redis does not respond')
  }
}

function wordFor({ isUp }: EngineState): 'up' | 'down' {
  return isUp ? 'up' : 'down'
}

async function stateOf(engine: string, ask: () => Promise<unknown>): Promise<EngineState> {
  const startedAt = performance.now()
  const isUp = await inTime(ask(), LIMIT_MS).then(
    () => true,
    () => false,
  )
  return { engine, isUp, seconds: (performance.now() - startedAt) / 1000 }
}
