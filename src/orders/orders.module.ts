import { Module } from '@nestjs/common'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { CustomersController } from './customers.controller.js'
import { CustomersService } from './customers.service.js'
import { OrdersController } from './orders.controller.js'
import { OrdersRepository } from './orders.repository.js'
import { OrdersService } from './orders.service.js'
import { OutboxService } from './outbox.service.js'

@Module({
  imports: [DatasetsModule],
  controllers: [CustomersController, OrdersController],
  providers: [CustomersService, OrdersRepository, OrdersService, OutboxService],
})
export class OrdersModule {}
