import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, givenFields } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { Idempotent } from '../idempotency/idempotent.decorator.js'
import type { Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { ApiUsage, UsageQuery, type Usage } from '../logs/usage.dto.js'
import { UsageService } from '../logs/usage.service.js'
import { CreatedUser, CreateUserBody, ListUsersQuery, UpdateUserBody, User } from './users.dto.js'
import { UsersService } from './users.service.js'

@ApiTags('Users')
@Controller('v1/admin')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly usage: UsageService,
  ) {}

  @Post('create-user')
  @Access('admin')
  @Audited<CreatedUser>({
    action: 'user.create',
    target: (_request, { user }) => user.id,
    details: (request, { user: { role, credits, rateLimitPerMinute, sendEvents, access, planId } }) => ({
      fields: givenFields(request),
      ...{ role, credits, rateLimitPerMinute, sendEvents, access, planId },
    }),
  })
  @Idempotent({ transaction: true })
  @ApiOperation({ summary: 'Create a user with a first key and, if wanted, a first grant' })
  @ApiCreatedResponse({ type: CreatedUser })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: CreateUserBody): Promise<CreatedUser> {
    return this.users.create(body)
  }

  @Get('users')
  @Access('admin')
  @ApiOperation({ summary: 'Users with their balances, newest first' })
  @ApiPage(User)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListUsersQuery): Promise<Page<User>> {
    return this.users.list(query)
  }

  @Get('users/:id')
  @Access('admin')
  @ApiOperation({ summary: 'One user' })
  @ApiOkResponse({ type: User })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<User> {
    return this.users.get(id)
  }

  @Get('users/:id/usage')
  @Access('admin')
  @ApiOperation({
    summary: "A user's requests and credits: a day, oldest day first, or by key or dataset",
    description: '`by=key` and `by=dataset` add the same days up.',
  })
  @ApiUsage()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async usageOf(@Param('id', UuidParam) id: string, @Query() query: UsageQuery): Promise<Usage> {
    await this.users.get(id)
    return this.usage.of(id, query)
  }

  @Patch('users/:id')
  @Access('admin')
  @Audited({
    action: 'user.update',
    details: (request) => {
      const { role, status, rateLimitPerMinute, sendEvents, access, planId } = request.body as UpdateUserBody
      return { fields: givenFields(request), role, status, rateLimitPerMinute, sendEvents, access, planId }
    },
  })
  @ApiOperation({ summary: 'Change a user; what is absent stays' })
  @ApiOkResponse({ type: User })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdateUserBody): Promise<User> {
    return this.users.update(id, body)
  }

  @Delete('users/:id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'user.delete' })
  @ApiOperation({ summary: 'Delete a user: the keys end, the ledger stays readable, the username is free again' })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.users.remove(id)
  }
}
