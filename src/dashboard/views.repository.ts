import { Injectable } from '@nestjs/common'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Database } from '../infrastructure/database/database.js'
import { fromTable, FinalFreeReads } from '../datasets/deduplication/final-free-reads.js'
import { DeduplicationService } from '../datasets/deduplication/deduplication.service.js'
import { TRANSACTIONS } from '../datasets/transactions.dataset.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { ROLLUPS, type Rollup } from './rollups.js'

const LOCK = 'countinghouse:views'

/** What the views show, and how the last attempt to refresh them went. */
export interface RollupState {
  datasetVersion: number
  refreshedAt: Date | null
  lastError: string | null
  lastErrorAt: Date | null
}

/** Where the views stand, and what they are behind of, all of one moment. */
export interface ViewsPosition {
  /** counts refreshes, over all instances */
  refresh: number
  refreshedAt: Date | null
  /** the dataset's version that they show, and its version now */
  shownVersion: number
  version: number
  /** the oldest and the newest item of an order that is not in the dataset yet */
  oldestPending: number | null
  newestPending: number | null
  /** how long the last refresh took */
  tookMs: number
}

export interface ViewRefresh {
  view: string
  rows: number
  durationMs: number
  refreshedAt: Date
}

/** The rollups and the materialized views on them. */
@Injectable()
export class ViewsRepository {
  constructor(
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly reads: FinalFreeReads,
    private readonly upkeep: DeduplicationService,
  ) {}

  async state(): Promise<RollupState> {
    const [row] = await this.database.query<RollupState>(
      `SELECT dataset_version::float8 AS "datasetVersion", refreshed_at AS "refreshedAt",
         last_error AS "lastError", last_error_at AS "lastErrorAt" FROM rollup_state`,
      [],
      'rollup-state',
    )
    return row!
  }

  async position(): Promise<ViewsPosition> {
    const [row] = await this.database.query<ViewsPosition>(
      `SELECT refresh::float8 AS refresh, refreshed_at AS "refreshedAt", dataset_version::float8 AS "shownVersion",
         coalesce((SELECT version FROM dataset_versions WHERE dataset = $1), 0)::float8 AS version,
         (SELECT min(seq) FROM outbox)::float8 AS "oldestPending", (SELECT max(seq) FROM outbox)::float8 AS "newestPending",
         (SELECT coalesce(sum(duration_ms), 0) FROM view_refreshes)::float8 AS "tookMs"
       FROM rollup_state`,
      [TRANSACTIONS.name],
      'views-position',
    )
    return row!
  }

  /** The last refresh of each view that was ever refreshed. */
  refreshes(): Promise<ViewRefresh[]> {
    return this.database.query<ViewRefresh>(
      `SELECT view, rows::float8 AS rows, duration_ms AS "durationMs", refreshed_at AS "refreshedAt"
       FROM view_refreshes ORDER BY view`,
    )
  }

  /**
   * Pulls every rollup and refreshes its view, all in one transaction: readers see the old views until it commits, then
   * all the new ones. One instance at a time: `wait` stands in line for the lock, else false means that another holds it.
   */
  async refresh(datasetVersion: number, wait: boolean): Promise<boolean> {
    return this.database.clientTransaction(async (client) => {
      await client.query('SET LOCAL statement_timeout = 0')
      if (!(await this.lock(client, wait))) return false
      // Four reads of everything: worth to know first whether they need FINAL.
      await this.upkeep.look(TRANSACTIONS)
      for (const rollup of ROLLUPS) await this.refreshOne(client, rollup)
      await client.query(
        `UPDATE rollup_state SET refresh = refresh + 1, dataset_version = $1, refreshed_at = clock_timestamp(),
           last_error = NULL, last_error_at = NULL`,
        [datasetVersion],
      )
      return true
    })
  }

  async recordFailure(error: string): Promise<void> {
    await this.database.query('UPDATE rollup_state SET last_error = $1, last_error_at = now()', [error])
  }

  private async lock(client: PoolClient, wait: boolean): Promise<boolean> {
    const call = wait ? 'pg_advisory_xact_lock' : 'pg_try_advisory_xact_lock'
    const { rows } = await client.query<{ locked: unknown }>(`SELECT ${call}(hashtextextended($1, 0)) AS locked`, [
      LOCK,
    ])
    return wait || rows[0]!.locked === true
  }

  private async refreshOne(client: PoolClient, rollup: Rollup): Promise<void> {
    const started = performance.now()
    await this.pull(client, rollup)
    await client.query(`REFRESH MATERIALIZED VIEW CONCURRENTLY ${rollup.view}`)
    await client.query(
      `INSERT INTO view_refreshes (view, rows, duration_ms, refreshed_at)
       VALUES ($1, (SELECT count(*) FROM ${rollup.view}), $2, clock_timestamp())
       ON CONFLICT (view) DO UPDATE SET rows = excluded.rows, duration_ms = $2, refreshed_at = clock_timestamp()`,
      [rollup.view, Math.round(performance.now() - started)],
    )
  }

  /** ClickHouse's bytes go from one socket to the other; no row is parsed here. */
  private async pull(client: PoolClient, rollup: Rollup): Promise<void> {
    const { table, columns } = rollup
    await client.query(`TRUNCATE ${table}`)
    const body = await this.stream(rollup)
    const copy = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN WITH (FORMAT csv)`))
    await pipeline(body, copy)
    await client.query(`ANALYZE ${table}`)
  }

  private stream({ select, groupBy }: Rollup): Promise<Readable> {
    return this.reads.read(TRANSACTIONS, ({ skipFinal, settings }) =>
      this.clickhouse.stream(`${select} ${fromTable(TRANSACTIONS, skipFinal)} GROUP BY ${groupBy}`, 'CSV', {
        settings,
      }),
    )
  }
}
