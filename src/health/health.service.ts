import { Injectable } from '@nestjs/common'
import { inTime } from '../common/in-time.js'
import { Database } from '../infrastructure/database/database.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import type { HealthResponse } from './health.dto.js'

const LIMIT_MS = 2_000

/** Asks each engine something real. */
@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
  ) {}

  async check(): Promise<HealthResponse> {
    const [postgres, clickhouse] = await Promise.all([
      stateOf(this.database.query('SELECT 1')),
      stateOf(this.clickhouse.ping()),
    ])
    return { status: postgres === 'up' && clickhouse === 'up' ? 'ok' : 'error', engines: { postgres, clickhouse } }
  }
}

async function stateOf(response: Promise<unknown>): Promise<'up' | 'down'> {
  return inTime(response, LIMIT_MS).then(
    () => 'up',
    () => 'down',
  )
}
