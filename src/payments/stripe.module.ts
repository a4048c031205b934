import { Module } from '@nestjs/common'
import { AuthModule } from '../auth/auth.module.js'
import { CreditsModule } from '../credits/credits.module.js'
import { PaymentsRepository } from './payments.repository.js'
import { StripeController } from './stripe.controller.js'
import { StripeEventsService } from './stripe-events.service.js'

/** Credits that are paid for at Stripe. */
@Module({
  imports: [AuthModule, CreditsModule],
  controllers: [StripeController],
  providers: [PaymentsRepository, StripeEventsService],
})
export class StripeModule {}
