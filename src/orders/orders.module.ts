import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { DatasetsModule } from '../datasets/datasets.module.js'
import { CustomerEntity } from './customer.entity.js'
import { CustomersController } from './customers.controller.js'
import { CustomersRepository } from './customers.repository.js'
import { CustomersService } from './customers.service.js'
import { OrdersController } from './orders.controller.js'
import { OrdersRepository } from './orders.repository.js'
import { OrdersService } from './orders.service.js'
import { OutboxRepository } from './outbox.repository.js'
import { OutboxService } from './outbox.service.js'

@Module({
  imports: [TypeOrmModule.forFeature([CustomerEntity]), DatasetsModule],
  controllers: [CustomersController, OrdersController],
  providers: [CustomersRepository, CustomersService, OrdersRepository, OrdersService, OutboxRepository, OutboxService],
})
export class OrdersModule {
  constructor(outbox: OutboxRepository) {
    observeGauge({
      name: 'countinghouse_outbox_rows',
      help: 'Rows of orders, of the whole installation, that are on their way to the dataset',
      read: () => outbox.count(),
    })
  }
}
