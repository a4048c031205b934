import { Readable } from 'node:stream'
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common'
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Audited, givenFields, idOfResult } from '../audit/audited.decorator.js'
import { Produces } from '../common/guards/acceptable.guard.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { sendEventStream } from '../common/http/event-stream.js'
import type { Page } from '../common/pagination.dto.js'
import { LiveStreamQuota } from '../auth/live-stream-quota.js'
import { StreamAuthorizationService } from '../auth/stream-authorization.service.js'
import { CreateUserBody, SearchUsersQuery, User, UserWithKey } from './users.dto.js'
import { UserStreamService } from './user-stream.service.js'
import { UsersService } from './users.service.js'

/** The users of `/v1/admin/users` as a plain resource, for clients that expect one: oldest first, and followed by a stream. */
@ApiTags('Users')
@Controller('users')
export class UsersCrudController {
  constructor(
    private readonly users: UsersService,
    private readonly stream: UserStreamService,
    private readonly authorization: StreamAuthorizationService,
    private readonly quota: LiveStreamQuota,
  ) {}

  @Post()
  @Access('admin')
  @Audited({
    action: 'user.create',
    target: idOfResult,
    details: (request, { role, credits, rateLimitPerMinute, sendEvents, planId }: UserWithKey) => ({
      fields: givenFields(request),
      ...{ role, credits, rateLimitPerMinute, sendEvents, planId },
    }),
  })
  @ApiOperation({
    summary: 'Create a user: as create-user, the response is the user with its first key',
  })
  @ApiCreatedResponse({ type: UserWithKey })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  async create(@Body() body: CreateUserBody, @Res({ passthrough: true }) reply: FastifyReply): Promise<UserWithKey> {
    const { user, apiKey } = await this.users.create(body)
    void reply.header('location', `/users/${user.id}`)
    return { ...user, apiKey }
  }

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'Users in the order of their ids, so of their creation' })
  @ApiPage(User)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: SearchUsersQuery): Promise<Page<User>> {
    return this.users.search(query)
  }

  @Get('sse')
  @Access('admin')
  @Produces('text/event-stream')
  @ApiOperation({
    summary: 'The existing users and then every change, as server-sent events',
    description:
      'First an event `user` for each user, in the order of their ids; then `user.created`, `user.updated` (the user as it ' +
      'is now) and `user.deleted` (`{"id"}`), each change once. Changes of the balance are no events. `Last-Event-ID` ' +
      'continues after that event for 7 days; later an event `reset` comes first, and then all users as at the start. A ' +
      'comment every 15 seconds says that the connection lives.',
  })
  @ApiHeader({ name: 'last-event-id', required: false, description: 'The `id` of the last event that arrived' })
  @ApiExtraModels(User)
  @ApiOkResponse({
    description: 'An endless stream',
    content: { 'text/event-stream': { schema: { $ref: getSchemaPath(User) } } },
  })
  @ApiProblems('RATE_LIMITED')
  events(
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    this.quota.take(request, reply)
    const mayStay = async (): Promise<boolean> =>
      !request.raw.socket.destroyed && (await this.authorization.isStillAuthorized(request))
    sendEventStream(request, reply, Readable.from(this.stream.stream(lastEventId, mayStay), { highWaterMark: 1 }))
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'One user, by its id or by the one that it has in a file of users' })
  @ApiOkResponse({ type: User })
  @ApiProblems('NOT_FOUND')
  async get(@Param('id') reference: string): Promise<User> {
    return this.users.get(await this.users.idOf(reference))
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'user.delete' })
  @ApiOperation({ summary: 'Delete a user: the keys end, the ledger stays readable, the username is free again' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND')
  async remove(@Param('id') reference: string): Promise<void> {
    await this.users.remove(await this.users.idOf(reference))
  }
}
