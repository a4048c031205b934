import { Injectable } from '@nestjs/common'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { membersOfKey } from './events.dataset.js'
import { findMember, type Member } from './member.js'

const KEPT_MS = 5_000

/** The members that no dataset declares, but its rows had lately. */
@Injectable()
export class DynamicMembers {
  private readonly known = new Map<string, { readAtMs: number; members: Promise<Member[]> }>()

  constructor(private readonly clickhouse: ClickHouse) {}

  async membersOf(dataset: DatasetDefinition): Promise<Member[]> {
    if (!dataset.dynamicMembersSql) return []
    const known = this.known.get(dataset.name)
    if (known && Date.now() - known.readAtMs < KEPT_MS) return known.members
    const members = this.read(dataset, dataset.dynamicMembersSql)
    this.known.set(dataset.name, { readAtMs: Date.now(), members })
    members.catch(() => this.known.delete(dataset.name))
    return members
  }

  private async read(dataset: DatasetDefinition, sql: string): Promise<Member[]> {
    const rows = await this.clickhouse.query<{ key: string; numeric: number }>(sql)
    const names = rows.flatMap(({ key, numeric }) => membersOfKey(key, numeric === 1))
    return names.flatMap((name) => findMember(dataset, name) ?? [])
  }
}
