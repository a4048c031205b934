import { Module, type OnModuleInit } from '@nestjs/common'
import { AuthModule } from '../auth/auth.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { CreditsController } from './credits.controller.js'
import { CreditsGuard } from './credits.guard.js'
import { CreditsReconciler } from './credits.reconciler.js'
import { CreditsRepository } from './credits.repository.js'
import { CreditsService } from './credits.service.js'
import { RequestCharges } from './request-charges.js'
import { TokenBudgetsService } from './token-budgets.service.js'
import { CreditsClock, DatabaseClock } from './credits-clock.js'

/** A user with fewer credits than this counts as low in the stats. */
const LOW_CREDITS = 10

/** Grants, the ledger, and charging. */
@Module({
  imports: [AuthModule, LogsModule],
  controllers: [CreditsController],
  providers: [
    CreditsService,
    CreditsGuard,
    CreditsRepository,
    CreditsReconciler,
    RequestCharges,
    TokenBudgetsService,
    { provide: CreditsClock, useClass: DatabaseClock },
  ],
  exports: [CreditsGuard, CreditsService, RequestCharges],
})
export class CreditsModule implements OnModuleInit {
  constructor(
    private readonly stats: StatsContributors,
    private readonly credits: CreditsRepository,
  ) {}

  onModuleInit(): void {
    this.stats.add('lowCreditUsers', () => this.credits.countLow(LOW_CREDITS))
  }
}
