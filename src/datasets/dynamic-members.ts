import { Injectable } from '@nestjs/common'
import { ExpiringCache } from '../common/expiring-cache.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { ReplicaGuard } from '../infrastructure/clickhouse/replica-guard.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { findMember, type Member } from './member.js'
import type { SqlParamValues } from './filters/sql-params.js'

/** The members that no dataset declares, but its rows had lately: those of the rows that exist for the caller. */
@Injectable()
export class DynamicMembers {
  private readonly known = new ExpiringCache<Member[]>({ ttlMs: 5_000, maxEntries: 1_000 })

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly guard: ReplicaGuard,
  ) {}

  async membersOf(dataset: DatasetDefinition): Promise<Member[]> {
    const { name, dynamicMembersSql, restriction } = dataset
    // Named in a policy they are members like all others.
    if (!dynamicMembersSql || restriction?.members) return []
    const { rowSql = 'true', params } = restriction ?? {}
    return this.known.get(`${name} ${rowSql} ${JSON.stringify(params)}`, () =>
      this.read(dataset, dynamicMembersSql(rowSql), params),
    )
  }

  private async read(dataset: DatasetDefinition, sql: string, params?: SqlParamValues): Promise<Member[]> {
    const rows = await this.guard.read(dataset.table, (settings) =>
      this.clickhouse.query<{ key: string; numeric: number }>(sql, { params, settings }),
    )
    const names = rows.flatMap(({ key, numeric }) => dataset.namesOfKey!(key, numeric === 1))
    return names.flatMap((name) => findMember(dataset, name) ?? [])
  }
}
