import { Module, type OnModuleInit } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { CreditsController } from './credits.controller.js'
import { CreditsGuard } from './credits.guard.js'
import { CreditsReconciler } from './credits.reconciler.js'
import { CreditsRepository } from './credits.repository.js'
import { CreditsService } from './credits.service.js'
import { OwnLedgerController } from './own-ledger.controller.js'
import { RequestCharges } from './request-charges.js'
import { OwnStatementsController, StatementsController } from './statements/statements.controller.js'
import { StatementsRepository } from './statements/statements.repository.js'
import { StatementsService } from './statements/statements.service.js'
import { TopUpLinks } from './top-up-links.js'
import { CreditsClock, DatabaseClock } from './credits-clock.js'
import { CreditLimitEntity } from './limits/credit-limit.entity.js'
import { CreditLimitsRepository } from './limits/credit-limits.repository.js'
import { CreditLimitsService } from './limits/credit-limits.service.js'

/** A user with fewer credits than this counts as low in the stats. */
const LOW_CREDITS = 10

/** Grants, the ledger, and charging. */
@Module({
  imports: [TypeOrmModule.forFeature([CreditLimitEntity]), LogsModule],
  controllers: [CreditsController, OwnLedgerController, OwnStatementsController, StatementsController],
  providers: [
    CreditsService,
    CreditsGuard,
    CreditsRepository,
    CreditsReconciler,
    CreditLimitsRepository,
    CreditLimitsService,
    RequestCharges,
    StatementsRepository,
    StatementsService,
    TopUpLinks,
    { provide: CreditsClock, useClass: DatabaseClock },
  ],
  exports: [CreditLimitsService, CreditsClock, CreditsGuard, CreditsService, RequestCharges, TopUpLinks],
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
