import { Global, Module } from '@nestjs/common'
import { ReplicaGuard } from './replica-guard.js'
import { ReplicaRowsService } from './replica-rows.js'
import { TableLayout } from './table-layout.js'
import { ClickHouse } from './clickhouse.js'
import { ClickHouseTimeZones } from './time-zones.js'

@Global()
@Module({
  providers: [TableLayout, ClickHouse, ReplicaGuard, ReplicaRowsService, ClickHouseTimeZones],
  exports: [TableLayout, ClickHouse, ReplicaGuard, ReplicaRowsService, ClickHouseTimeZones],
})
export class ClickHouseModule {}
