import { Injectable } from '@nestjs/common'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { DatasetRegistry } from './dataset-registry.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { DatasetVersions } from './dataset-versions.js'
import type { DatasetInfo } from './datasets.dto.js'
import { membersOf } from './member.js'
import { DynamicMembers } from './dynamic-members.js'
import { fromTable, FinalFreeReads } from './deduplication/final-free-reads.js'

/** What the catalog says of the datasets, with how much is in them. */
@Injectable()
export class DatasetsService {
  /** Counting reads the whole key, so a count is kept as long as the dataset stays as it is. */
  private readonly rowCounts = new Map<string, { version: number; rowCount: Promise<number> }>()

  constructor(
    private readonly versions: DatasetVersions,
    private readonly clickhouse: ClickHouse,
    private readonly reads: FinalFreeReads,
    private readonly dynamicMembers: DynamicMembers,
    private readonly registry: DatasetRegistry,
  ) {}

  async list(page: PageQuery): Promise<Page<DatasetInfo>> {
    const { all } = this.registry.current
    const shown = all.slice(page.offset, page.offset + page.limit)
    return pageOf(await Promise.all(shown.map((dataset) => this.describe(dataset))), page, all.length)
  }

  /** Throws UnknownNameError for a name that the registry does not have. */
  async get(name: string): Promise<DatasetInfo> {
    return this.describe(this.registry.current.get(name))
  }

  /** Rows and freshness of every dataset. */
  async totals(): Promise<{ name: string; rowCount: number; lastIngestionAt: string | null }[]> {
    const all = await Promise.all(this.registry.current.all.map((dataset) => this.describe(dataset)))
    return all.map(({ name, rowCount, lastIngestion }) => ({ name, rowCount, lastIngestionAt: lastIngestion }))
  }

  private async describe(dataset: DatasetDefinition): Promise<DatasetInfo> {
    const { version, lastIngestionAt } = await this.versions.current(dataset.name)
    const members = [...membersOf(dataset).values(), ...(await this.dynamicMembers.membersOf(dataset))]
    return {
      name: dataset.name,
      title: dataset.title,
      description: dataset.description,
      key: [...dataset.key],
      timeDimension: dataset.timeDimension ?? null,
      members: members.map(({ name, title, description, type, kind }) => ({ name, title, description, type, kind })),
      rowCount: dataset.appendOnly ? version : await this.rowCount(dataset, version),
      lastIngestion: lastIngestionAt?.toISOString() ?? null,
    }
  }

  private rowCount(dataset: DatasetDefinition, version: number): Promise<number> {
    const known = this.rowCounts.get(dataset.table)
    if (known?.version === version) return known.rowCount
    const rowCount = this.count(dataset)
    this.rowCounts.set(dataset.table, { version, rowCount })
    rowCount.catch(() => this.rowCounts.delete(dataset.table))
    return rowCount
  }

  private async count(dataset: DatasetDefinition): Promise<number> {
    const [row] = await this.reads.read(dataset, ({ skipFinal, settings }) =>
      this.clickhouse.query<{ count: string }>(`SELECT count() AS count ${fromTable(dataset, skipFinal)}`, {
        settings,
      }),
    )
    return Number(row?.count ?? 0)
  }
}
