import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { DueDeliveriesRepository } from './sending/due-deliveries.repository.js'
import { WebhookDispatcher } from './sending/webhook-dispatcher.service.js'
import { WebhookSender } from './sending/webhook-sender.js'
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js'
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js'
import { WebhookRetention } from './webhook-retention.service.js'
import { EncryptedSecrets, WebhookSecrets } from './webhook-secrets.js'
import { WebhookEntity } from './webhook.entity.js'
import { WebhooksController } from './webhooks.controller.js'
import { WebhooksRepository } from './webhooks.repository.js'
import { WebhooksService } from './webhooks.service.js'

/** Tells URLs of events: who is told, the outbox, and its sending. */
@Module({
  imports: [TypeOrmModule.forFeature([WebhookEntity, WebhookDeliveryEntity])],
  controllers: [WebhooksController],
  providers: [
    DueDeliveriesRepository,
    EncryptedSecrets,
    WebhookDeliveriesRepository,
    WebhookDispatcher,
    WebhookRetention,
    WebhookSecrets,
    WebhookSender,
    WebhooksRepository,
    WebhooksService,
  ],
  exports: [WebhookDeliveriesRepository, WebhookSecrets, WebhooksRepository],
})
export class WebhooksModule {
  constructor(deliveries: WebhookDeliveriesRepository) {
    observeGauge({
      name: 'countinghouse_webhook_deliveries_pending',
      help: 'Webhooks, of the whole installation, that wait to be sent for the first time or again',
      read: () => deliveries.countPending(),
    })
    observeGauge({
      name: 'countinghouse_webhook_oldest_pending_seconds',
      help: 'How long the oldest webhook of the whole installation has been waiting for its delivery; 0 while none waits',
      read: () => deliveries.oldestPendingSeconds(),
    })
  }
}
