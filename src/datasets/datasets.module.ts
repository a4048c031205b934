import { Module, type OnModuleInit } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { AuditModule } from '../audit/audit.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { AccessPoliciesService } from '../auth/access/access-policies.service.js'
import { AuthModule } from '../auth/auth.module.js'
import { AccessibleDatasets } from './access/accessible-datasets.js'
import { checkDatasets } from './access/check-policy.js'
import { DatasetRegistry } from './dataset-registry.js'
import { DatasetVersions } from './dataset-versions.js'
import { DatasetsController } from './datasets.controller.js'
import { DatasetsService } from './datasets.service.js'
import { DatasetEntity } from './declared/dataset.entity.js'
import { DeclaredDatasetsController } from './declared/declared-datasets.controller.js'
import { DeclaredDatasetsRepository } from './declared/declared-datasets.repository.js'
import { DeclaredDatasetsService } from './declared/declared-datasets.service.js'
import { DeclaredTablesService } from './declared/declared-tables.service.js'
import { DynamicMembers } from './dynamic-members.js'
import { FinalFreeReads } from './deduplication/final-free-reads.js'
import { DeduplicationRepository } from './deduplication/deduplication.repository.js'
import { DeduplicationService } from './deduplication/deduplication.service.js'

/** The catalog of datasets and their versions. Uses the global DatabaseModule and ClickHouseModule. */
@Module({
  imports: [TypeOrmModule.forFeature([DatasetEntity]), AuditModule, AuthModule, LogsModule],
  controllers: [DatasetsController, DeclaredDatasetsController],
  providers: [
    AccessibleDatasets,
    DatasetRegistry,
    DeclaredDatasetsRepository,
    DeclaredDatasetsService,
    DeclaredTablesService,
    DatasetVersions,
    DatasetsService,
    DynamicMembers,
    FinalFreeReads,
    DeduplicationRepository,
    DeduplicationService,
  ],
  exports: [AccessibleDatasets, DatasetRegistry, DatasetVersions, FinalFreeReads, DeduplicationService],
})
export class DatasetsModule implements OnModuleInit {
  constructor(
    private readonly stats: StatsContributors,
    private readonly datasets: DatasetsService,
    private readonly policies: AccessPoliciesService,
    private readonly accessible: AccessibleDatasets,
  ) {}

  onModuleInit(): void {
    this.stats.add('datasets', () => this.datasets.totals())
    this.policies.add((policy, author) => checkDatasets(policy, this.accessible.of(author)))
  }
}
