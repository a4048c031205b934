import { Module, type OnModuleInit } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { CreditsModule } from '../credits/credits.module.js'
import { AuthModule } from '../auth/auth.module.js'
import { TopUpLinks } from '../credits/top-up-links.js'
import { PlansModule } from '../plans/plans.module.js'
import { LogsModule } from '../logs/logs.module.js'
import { StatsContributors } from '../logs/stats-contributors.js'
import { EncryptedEmails } from './encrypted-emails.js'
import { MeController } from './me.controller.js'
import { UserCache } from './user-cache.js'
import { UserChangesRepository } from './user-changes.repository.js'
import { UserEmails } from './user-emails.js'
import { UserEntity } from './user.entity.js'
import { UserStreamService } from './user-stream.service.js'
import { UsersCrudController } from './users-crud.controller.js'
import { UsersController } from './users.controller.js'
import { UsersRepository } from './users.repository.js'
import { UsersService } from './users.service.js'

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity]), CreditsModule, AuthModule, LogsModule, PlansModule],
  controllers: [UsersController, UsersCrudController, MeController],
  providers: [
    EncryptedEmails,
    UserCache,
    UserChangesRepository,
    UserEmails,
    UserStreamService,
    UsersService,
    UsersRepository,
  ],
  exports: [UserEmails, UsersService],
})
export class UsersModule implements OnModuleInit {
  constructor(
    private readonly stats: StatsContributors,
    private readonly users: UsersRepository,
    private readonly accounts: UsersService,
    private readonly topUps: TopUpLinks,
  ) {}

  onModuleInit(): void {
    this.topUps.setHolders((userId) => this.accounts.get(userId))
    this.stats.add('users', () => this.users.count())
    this.stats.add('newUsersToday', () => this.users.countSince(startOfToday()))
  }
}

/** Days are UTC days, as in the usage rows. */
function startOfToday(): Date {
  return new Date(new Date().toISOString().slice(0, 10))
}
