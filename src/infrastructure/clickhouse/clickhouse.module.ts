import { Global, Module } from '@nestjs/common'
import { TableLayout } from './table-layout.js'
import { ClickHouse } from './clickhouse.js'

@Global()
@Module({ providers: [TableLayout, ClickHouse], exports: [TableLayout, ClickHouse] })
export class ClickHouseModule {}
