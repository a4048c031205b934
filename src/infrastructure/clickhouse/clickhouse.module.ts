import { Global, Module } from '@nestjs/common'
import { TableLayout } from './table-layout.js'
import { Warehouse } from './warehouse.js'

@Global()
@Module({ providers: [TableLayout, Warehouse], exports: [TableLayout, Warehouse] })
export class WarehouseModule {}
