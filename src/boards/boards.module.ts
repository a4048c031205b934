import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { AuditModule } from '../audit/audit.module.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { BoardEntity } from './board.entity.js'
import { BoardTileEntity } from './board-tile.entity.js'
import { BoardsController } from './boards.controller.js'
import { BoardsRepository } from './boards.repository.js'
import { BoardsService } from './boards.service.js'
import { QueryCheck } from './query-check.js'
import { SavedQueriesController } from './saved-queries.controller.js'
import { SavedQueriesRepository } from './saved-queries.repository.js'
import { SavedQueriesService } from './saved-queries.service.js'
import { SavedQueryEntity } from './saved-query.entity.js'

/** Saved queries and the dashboards (boards) of them; the ready-made reports are in DashboardModule. */
@Module({
  imports: [TypeOrmModule.forFeature([BoardEntity, BoardTileEntity, SavedQueryEntity]), AuditModule, DatasetsModule],
  controllers: [BoardsController, SavedQueriesController],
  providers: [BoardsRepository, BoardsService, QueryCheck, SavedQueriesRepository, SavedQueriesService],
})
export class BoardsModule {}
