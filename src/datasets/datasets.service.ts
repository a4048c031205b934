import { Injectable } from '@nestjs/common'
import { LRUCache } from 'lru-cache'
import type { EffectiveAccess } from '../auth/access/effective-access.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { AccessibleDatasets } from './access/accessible-datasets.js'
import { shownMembers } from './access/shown-members.js'
import { DatasetRegistry } from './dataset-registry.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { DatasetVersions } from './dataset-versions.js'
import type { DatasetInfo } from './datasets.dto.js'
import { findMember, membersOf } from './member.js'
import { DynamicMembers } from './dynamic-members.js'
import { fromTable, FinalFreeReads } from './deduplication/final-free-reads.js'

const MAX_COUNTS = 1_000

/** What the catalog says of the datasets, with how much is in them: of each what exists for the caller. */
@Injectable()
export class DatasetsService {
  /** Counting reads the whole key, so a count is kept as long as the dataset stays as it is. */
  private readonly rowCounts = new LRUCache<string, { version: number; rowCount: Promise<number> }>({ max: MAX_COUNTS })

  constructor(
    private readonly versions: DatasetVersions,
    private readonly clickhouse: ClickHouse,
    private readonly reads: FinalFreeReads,
    private readonly dynamicMembers: DynamicMembers,
    private readonly registry: DatasetRegistry,
    private readonly datasets: AccessibleDatasets,
  ) {}

  async list(page: PageQuery, access: EffectiveAccess): Promise<Page<DatasetInfo>> {
    const { all } = this.datasets.of(access)
    const shown = all.slice(page.offset, page.offset + page.limit)
    return pageOf(await Promise.all(shown.map((dataset) => this.describe(dataset))), page, all.length)
  }

  /** Throws UnknownNameError for a name that does not exist for the caller. */
  async get(name: string, access: EffectiveAccess): Promise<DatasetInfo> {
    return this.describe(this.datasets.of(access).get(name))
  }

  /** Rows and freshness of every dataset. */
  async totals(): Promise<{ name: string; rowCount: number; lastIngestionAt: string | null }[]> {
    const all = await Promise.all(this.registry.current.all.map((dataset) => this.describe(dataset)))
    return all.map(({ name, rowCount, lastIngestion }) => ({ name, rowCount, lastIngestionAt: lastIngestion }))
  }

  private async describe(dataset: DatasetDefinition): Promise<DatasetInfo> {
    const { version, lastIngestionAt } = await this.versions.current(dataset.name)
    const { key, timeDimension } = dataset
    const exists = (name: string): boolean => findMember(dataset, name) !== undefined
    return {
      name: dataset.name,
      title: dataset.title,
      description: dataset.description,
      // A part of it identifies nothing.
      key: key.every(exists) ? [...key] : [],
      timeDimension: timeDimension && exists(timeDimension) ? timeDimension : null,
      members: shownMembers(dataset, [
        ...membersOf(dataset).values(),
        ...(await this.dynamicMembers.membersOf(dataset)),
      ]),
      rowCount: await this.rowCount(dataset, version),
      lastIngestion: lastIngestionAt?.toISOString() ?? null,
    }
  }

  private async rowCount(dataset: DatasetDefinition, version: number): Promise<number> {
    const { table, appendOnly, restriction } = dataset
    if (appendOnly && !restriction?.rowSql) return version
    const key = `${table} ${restriction?.rowSql ? restriction.cacheKey : ''}`
    const known = this.rowCounts.get(key)
    if (known?.version === version) return known.rowCount
    const rowCount = this.count(dataset)
    this.rowCounts.set(key, { version, rowCount })
    rowCount.catch(() => this.rowCounts.delete(key))
    return rowCount
  }

  private async count(dataset: DatasetDefinition): Promise<number> {
    const { rowSql, params } = dataset.restriction ?? {}
    const where = rowSql ? ` WHERE ${rowSql}` : ''
    const [row] = await this.reads.read(dataset, ({ skipFinal, settings }) =>
      this.clickhouse.query<{ count: string }>(`SELECT count() AS count ${fromTable(dataset, skipFinal)}${where}`, {
        params,
        settings,
      }),
    )
    return Number(row?.count ?? 0)
  }
}
