import { Injectable } from '@nestjs/common'
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
      stateOf(() => this.database.query('SELECT 1')),
      stateOf(() => this.clickhouse.ping()),
    ])
    return { status: postgres === 'up' && clickhouse === 'up' ? 'ok' : 'error', engines: { postgres, clickhouse } }
  }
}

async function stateOf(ask: () => Promise<unknown>): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'down'>((done) => (timer = setTimeout(() => done('down'), LIMIT_MS)))
  const status = ask().then(
    () => 'up' as const,
    () => 'down' as const,
  )
  return Promise.race([status, late]).finally(() => clearTimeout(timer))
}
