import { Module } from '@nestjs/common'
import { WebhooksModule } from '../../webhooks/webhooks.module.js'
import { BalanceEvents } from './balance-events.service.js'
import { LowBalanceController } from './low-balance.controller.js'
import { LowBalanceRepository } from './low-balance.repository.js'
import { LowBalanceService } from './low-balance.service.js'

/** Webhooks about balances: when a low one is reported, and where one user's is. */
@Module({
  imports: [WebhooksModule],
  controllers: [LowBalanceController],
  providers: [BalanceEvents, LowBalanceRepository, LowBalanceService],
})
export class LowBalanceModule {}
