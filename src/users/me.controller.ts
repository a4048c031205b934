import { Controller, Get, Query } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/access.decorator.js'
import { ApiProblems } from '../common/api-docs.decorator.js'
import { CurrentCaller, type Caller } from '../common/caller.js'
import { UsageQuery, UsageReport } from '../logs/usage.dto.js'
import { UsageService } from '../logs/usage.service.js'
import { Me, type User } from './users.dto.js'
import { UsersService } from './users.service.js'

/** The root key belongs to no account. */
const ROOT: User = {
  id: null,
  username: 'root',
  firstName: null,
  lastName: null,
  email: null,
  role: 'admin',
  status: 'active',
  credits: 0,
  rateLimitPerMinute: null,
  createdAt: null,
}

@ApiTags('Me')
@Controller('v1/me')
export class MeController {
  constructor(
    private readonly users: UsersService,
    private readonly usage: UsageService,
  ) {}

  @Get()
  @Access('any')
  @ApiOperation({ summary: 'Who this key stands for, what is left on the account, and how often it may ask' })
  @ApiOkResponse({ type: Me })
  @ApiProblems('RATE_LIMITED')
  async me(@CurrentCaller() caller: Caller): Promise<Me> {
    const user = caller.userId === null ? ROOT : await this.users.get(caller.userId)
    return { user, credits: user.credits, limits: { rateLimitPerMinute: caller.rateLimitPerMinute } }
  }

  @Get('usage')
  @Access('any')
  @ApiOperation({ summary: "The account's requests and credits a day, oldest day first; all zeros for the root key" })
  @ApiOkResponse({ type: UsageReport })
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  async myUsage(@CurrentCaller() caller: Caller, @Query() { days }: UsageQuery): Promise<UsageReport> {
    return { data: await this.usage.daily(caller.userId, days) }
  }
}
