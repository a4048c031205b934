import { Injectable } from '@nestjs/common'
import { AppError, NotFoundError } from '../../common/errors/app-error.js'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import { EffectiveAccess } from '../../auth/access/effective-access.js'
import { CreditsClock } from '../credits-clock.js'
import { CreditsRepository } from '../credits.repository.js'
import { monthOf, monthsBetween, type Month } from './month.js'
import type { Statement, StatementMonth } from './statement.dto.js'
import { grantsOf, monthOfStatement, sumsOf, usageOf } from './statement.js'
import { StatementsRepository, type AccountAge } from './statements.repository.js'

/** What moved the balance of an account in a month (UTC), from the ledger alone. */
@Injectable()
export class StatementsService {
  constructor(
    private readonly statements: StatementsRepository,
    private readonly credits: CreditsRepository,
    private readonly clock: CreditsClock,
  ) {}

  /** The months of an account, the current one first. NotFoundError for no account. */
  async months(userId: string, page: PageQuery): Promise<Page<StatementMonth>> {
    const now = this.now()
    const months = monthsBetween(firstMonthOf(await this.ageOf(userId), now), monthOf(now))
    const shown = months.slice(page.offset, page.offset + page.limit)
    return pageOf(
      shown.map((month) => monthOfStatement(month, now)),
      page,
      months.length,
    )
  }

  /** That of the current month is of now. It names nothing that does not exist for `access`, its reader. AppError (404) for a month that has not begun, or from before the account's first. */
  async of(userId: string, month: Month, access = EffectiveAccess.UNRESTRICTED): Promise<Statement> {
    const now = this.now()
    const age = await this.ageOf(userId)
    requireKnown(month, firstMonthOf(age, now), now)
    // What has expired by now has its entry.
    await this.credits.expireUser(userId, this.clock.now())
    const movements = await this.statements.movements(userId, month)
    const holder = { userId, username: age.username }
    const parts = { grants: grantsOf(movements), usage: usageOf(movements, access) }
    return { ...monthOfStatement(month, now), ...holder, ...sumsOf(movements), ...parts }
  }

  private async ageOf(userId: string): Promise<AccountAge> {
    const age = await this.statements.ageOf(userId)
    if (!age) throw new NotFoundError('The user')
    return age
  }

  private now(): Date {
    return this.clock.now() ?? new Date()
  }
}

function firstMonthOf({ firstEntryAt }: AccountAge, now: Date): Month {
  return monthOf(firstEntryAt !== null && firstEntryAt < now ? firstEntryAt : now)
}

function requireKnown(month: Month, first: Month, now: Date): void {
  if (month.from > now)
    throw new AppError(
      'NOT_FOUND',
      `There is no statement of ${month.name} yet: it begins at ${month.from.toISOString()}.`,
    )
  if (month.from < first.from)
    throw new AppError('NOT_FOUND', `There is no statement of ${month.name}: the first one is of ${first.name}.`)
}
