import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { AuthModule } from '../auth/auth.module.js'
import { CreditsModule } from '../credits/credits.module.js'
import { PlanEntity } from './plan.entity.js'
import { PlanRenewals } from './plan-renewals.js'
import { PlansController } from './plans.controller.js'
import { PlansRepository } from './plans.repository.js'
import { PlansService } from './plans.service.js'

/** Recurring grants, and what holds for the users who have them. */
@Module({
  imports: [TypeOrmModule.forFeature([PlanEntity]), AuthModule, CreditsModule],
  controllers: [PlansController],
  providers: [PlanRenewals, PlansRepository, PlansService],
  exports: [PlansService],
})
export class PlansModule {}
