import { Module } from '@nestjs/common'
import { DeliveriesService } from './deliveries.service.js'
import { LowBalanceController } from './low-balance.controller.js'
import { LowBalanceRepository } from './low-balance.repository.js'
import { LowBalanceService } from './low-balance.service.js'
import { WebhookSecrets } from './webhook-secrets.js'
import { WebhookSender } from './webhook-sender.js'

/** Webhooks about a low balance. */
@Module({
  controllers: [LowBalanceController],
  providers: [DeliveriesService, LowBalanceRepository, LowBalanceService, WebhookSecrets, WebhookSender],
})
export class LowBalanceModule {}
