import { Controller, Get, Query } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import { TopUpLinks } from '../credits/top-up-links.js'
import { ApiUsage, UsageQuery, type Usage } from '../logs/usage.dto.js'
import { UsageService } from '../logs/usage.service.js'
import { OwnPlanReport } from '../plans/plans.dto.js'
import { PlansService } from '../plans/plans.service.js'
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
  planId: null,
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
    private readonly topUps: TopUpLinks,
    private readonly plans: PlansService,
  ) {}

  @Get()
  @Access('any', { token: true })
  @ApiOperation({ summary: 'Get the user of this key, the credits of the account and the rate limit' })
  @ApiOkResponse({ type: Me })
  @ApiProblems('RATE_LIMITED')
  async me(@CurrentPrincipal() principal: Principal): Promise<Me> {
    const { userId, rateLimitPerMinute, token } = principal
    const limits = { rateLimitPerMinute }
    if (userId === null) return { user: ROOT, credits: 0, limits }
    // Whoever opens a page may read what its token reads: no name, and no link that may hold the email.
    const [holder, topUpUrl] = await Promise.all([this.users.get(userId), token ? undefined : this.topUps.of(userId)])
    const user = withoutAccess(holder)
    return { user: token ? withoutName(user) : user, credits: user.credits, limits, topUpUrl }
  }

  @Get('plan')
  @Access('any')
  @ApiOperation({ summary: "The account's plan and its current period; null without one, and for the root key" })
  @ApiOkResponse({ type: OwnPlanReport })
  @ApiProblems('RATE_LIMITED')
  async plan(@CurrentPrincipal() { userId }: Principal): Promise<OwnPlanReport> {
    const current = userId === null ? undefined : await this.plans.currentOf(userId)
    if (!current) return { plan: null }
    const { id, name, credits, every, rollOver, rateLimitPerMinute } = current.plan
    const { periodStart, periodEnd, granted } = current
    return { plan: { id, name, credits, every, rollOver, rateLimitPerMinute, periodStart, periodEnd, granted } }
  }

  @Get('usage')
  @Access('any', { token: true })
  @ApiOperation({
    summary: "The account's requests and credits: a day, oldest day first, or by key or dataset",
    description: 'All zeros for the root key. `by=key` and `by=dataset` add the same days up.',
  })
  @ApiUsage()
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  myUsage(@CurrentPrincipal() { userId, access }: Principal, @Query() query: UsageQuery): Promise<Usage> {
    return this.usage.of(userId, query, access)
  }
}

function withoutAccess({ access: _, ...user }: User): CurrentUser {
  return user
}
