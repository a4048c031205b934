import { Injectable } from '@nestjs/common'
import { SettingsMap, type ClickHouseSettings } from '@clickhouse/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouse } from './clickhouse.js'
import { ClickHouseStatementError, ClickHouseUnavailableError } from './clickhouse.errors.js'
import { localName } from './cluster-ddl.js'
import { TableLayout } from './table-layout.js'

/** ClickHouse's code when `throwIf` throws. */
const IS_BEHIND = 395
/** Which replica of each shard is asked: any, then each in turn, then any again while they catch up. */
const TRIES: ClickHouseSettings[] = [
  {},
  ...[0, 1, 2].map((offset): ClickHouseSettings => ({
    load_balancing: 'first_or_random',
    load_balancing_first_offset: String(offset),
    prefer_localhost_replica: 0,
  })),
  ...Array.from({ length: 8 }, (): ClickHouseSettings => ({ load_balancing: 'random', prefer_localhost_replica: 0 })),
]
const PAUSE_MS = 100

/**
 * Keeps replicas that are behind from answering. A load ends when all active replicas have its rows, so only one that was
 * away can lack what is expected of it. Each replica looks by itself, when it plans its part of the statement, and fails
 * the statement when it is behind, which is then executed by other replicas.
 */
@Injectable()
export class ReplicaGuard {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
  ) {}

  /** `execute` reads the table with these settings, maybe more than once. Throws ClickHouseUnavailableError when a shard has nobody else. */
  async read<T>(table: string, execute: (settings: ClickHouseSettings, attempt: number) => Promise<T>): Promise<T> {
    if (!this.layout.isCluster) return execute({}, 0)
    const guard = this.settingsFor(localName(table))
    for (const [attempt, replicas] of TRIES.entries()) {
      try {
        return await execute({ ...guard, ...replicas }, attempt)
      } catch (error) {
        if (!(error instanceof ClickHouseStatementError) || error.clickhouseCode !== IS_BEHIND) throw error
        if (attempt > 3) await sleep(PAUSE_MS)
      }
    }
    throw new ClickHouseUnavailableError()
  }

  /**
   * Behind is a replica that cannot write, for it is not in touch with Keeper or not ready yet, or that has parts to fetch.
   * What others wrote in the last two seconds nobody counts on yet, unless the node has started lately.
   */
  private settingsFor(local: string): ClickHouseSettings {
    const { database } = this.clickhouse
    const unless = (system: string, isBehind: string): string =>
      `1 IN (SELECT 1 + throwIf(count() > 0, \\'this replica is behind\\') FROM system.${system}
       WHERE database = \\'${database}\\' AND table = \\'${local}\\' AND ${isBehind})`
    const hasToFetch = `type IN (\\'GET_PART\\', \\'ATTACH_PART\\', \\'REPLACE_RANGE\\')
       AND (create_time < now() - 2 OR uptime() < 60)`
    const filter = `${unless('replicas', 'is_readonly')} AND ${unless('replication_queue', hasToFetch)}`
    return { additional_table_filters: SettingsMap.from({ [`${database}.${local}`]: filter }) }
  }
}
