import { Controller, Get, Query } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import { PageQuery, pageOf, type Page } from '../common/pagination.dto.js'
import { LedgerEntry } from '../credits/credits.dto.js'
import { CreditsService } from '../credits/credits.service.js'
import { Key } from '../auth/api-keys/keys.dto.js'
import { KeysService } from '../auth/api-keys/keys.service.js'
import { UsageQuery, UsageReport } from '../logs/usage.dto.js'
import { UsageService } from '../logs/usage.service.js'
import { Me, type CurrentUser, type User } from './users.dto.js'
import { UsersService } from './users.service.js'

/** The root key belongs to no account. */
const ROOT: CurrentUser = {
  id: null,
  username: 'root',
  firstName: null,
  lastName: null,
  email: null,
  role: 'admin',
  status: 'active',
  credits: 0,
  rateLimitPerMinute: null,
  sendEvents: true,
  createdAt: null,
}

/** For a token, which anybody who opens its page can read: the person is not the page's to show. */
function withoutName(user: CurrentUser): CurrentUser {
  return { ...user, firstName: null, lastName: null, email: null }
}

@ApiTags('Me')
@Controller('v1/me')
export class MeController {
  constructor(
    private readonly users: UsersService,
    private readonly usage: UsageService,
    private readonly credits: CreditsService,
    private readonly keys: KeysService,
  ) {}

  @Get()
  @Access('any', { token: true })
  @ApiOperation({ summary: 'Get the user of this key, the credits of the account and the rate limit' })
  @ApiOkResponse({ type: Me })
  @ApiProblems('RATE_LIMITED')
  async me(@CurrentPrincipal() principal: Principal): Promise<Me> {
    const user = principal.userId === null ? ROOT : withoutAccess(await this.users.get(principal.userId))
    return {
      user: principal.token ? withoutName(user) : user,
      credits: user.credits,
      limits: { rateLimitPerMinute: principal.rateLimitPerMinute },
    }
  }

  @Get('usage')
  @Access('any', { token: true })
  @ApiOperation({ summary: "The account's requests and credits a day, oldest day first; all zeros for the root key" })
  @ApiOkResponse({ type: UsageReport })
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  async myUsage(@CurrentPrincipal() principal: Principal, @Query() { days }: UsageQuery): Promise<UsageReport> {
    return { data: await this.usage.daily(principal.userId, days) }
  }

  @Get('ledger')
  @Access('any')
  @ApiOperation({ summary: "Everything that moved the account's balance, newest first; nothing for the root key" })
  @ApiPage(LedgerEntry)
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  async myLedger(@CurrentPrincipal() { userId }: Principal, @Query() page: PageQuery): Promise<Page<LedgerEntry>> {
    if (userId === null) return pageOf([], page, 0)
    const { data, pagination } = await this.credits.ledger(userId, page)
    return { data: data.map((row) => LedgerEntry.of(row)), pagination }
  }

  @Get('keys')
  @Access('any')
  @ApiOperation({ summary: "The account's keys, newest first, without their secrets; none for the root key" })
  @ApiPage(Key)
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  async myKeys(@CurrentPrincipal() { userId }: Principal, @Query() page: PageQuery): Promise<Page<Key>> {
    if (userId === null) return pageOf([], page, 0)
    const { data, pagination } = await this.keys.list(userId, page)
    return { data: data.map((row) => Key.of(row)), pagination }
  }
}

function withoutAccess({ access: _, ...user }: User): CurrentUser {
  return user
}
