import { Global, Module } from '@nestjs/common'
import { ReplicaGuard } from './replica-guard.js'
import { ReplicaRowsService } from './replica-rows.js'
import { TableLayout } from './table-layout.js'
import { ClickHouse } from './clickhouse.js'

@Global()
@Module({
  providers: [TableLayout, ClickHouse, ReplicaGuard, ReplicaRowsService],
  exports: [TableLayout, ClickHouse, ReplicaGuard, ReplicaRowsService],
})
export class ClickHouseModule {}
