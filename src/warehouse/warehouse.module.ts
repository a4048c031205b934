import { Global, Module } from '@nestjs/common'
import { Warehouse } from './warehouse.js'

@Global()
@Module({ providers: [Warehouse], exports: [Warehouse] })
export class WarehouseModule {}
