import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { observeGauge } from '../../common/metrics/observed-gauge.js'
import { WebhookDispatcher } from './webhook-dispatcher.service.js'
import { EncryptedSecrets } from './encrypted-secrets.js'
import { LowBalanceAlertEntity } from './low-balance-alert.entity.js'
import { LowBalanceController } from './low-balance.controller.js'
import { LowBalanceRepository } from './low-balance.repository.js'
import { LowBalanceService } from './low-balance.service.js'
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js'
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js'
import { WebhookSecrets } from './webhook-secrets.js'
import { WebhookSender } from './webhook-sender.js'

/** Webhooks about a low balance. */
@Module({
  imports: [TypeOrmModule.forFeature([LowBalanceAlertEntity, WebhookDeliveryEntity])],
  controllers: [LowBalanceController],
  providers: [
    WebhookDispatcher,
    EncryptedSecrets,
    LowBalanceRepository,
    LowBalanceService,
    WebhookDeliveriesRepository,
    WebhookSecrets,
    WebhookSender,
  ],
})
export class LowBalanceModule {
  constructor(deliveries: WebhookDeliveriesRepository) {
    observeGauge({
      name: 'countinghouse_webhook_deliveries_pending',
      help: 'Webhooks, of the whole installation, that wait to be sent for the first time or again',
      read: () => deliveries.countPending(),
    })
  }
}
