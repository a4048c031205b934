import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../../common/principal.js'
import { RouteSettings } from '../../common/decorators/route-settings.decorator.js'
import { Config } from '../../config/config.js'
import { KeyAuthenticator } from '../key-authenticator.service.js'
import { clearSessionCookie, isSameOrigin, sessionTokenOf, setSessionCookie } from './session-cookie.js'
import { ForbiddenError } from '../auth.errors.js'
import { Session, SignInBody, StartedSession } from './session.dto.js'
import { SESSION_SECONDS, SessionsService } from './sessions.service.js'

/** For the console: a page must not keep a key, so it changes the key for a cookie that no script can read. */
@ApiTags('Sessions')
@Controller('v1/session')
export class SessionsController {
  constructor(
    private readonly authenticator: KeyAuthenticator,
    private readonly sessions: SessionsService,
    private readonly config: Config,
  ) {}

  @Post()
  @Access('public')
  @RouteSettings({ maxBodyBytes: 1024 })
  @ApiOperation({
    summary: 'Sign a browser in with a key',
    description:
      'Sets a cookie (HttpOnly, SameSite=Strict, 12 hours) that stands for the key on every route, from the same origin only.',
  })
  @ApiCreatedResponse({ type: StartedSession })
  @ApiProblems('VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE')
  async start(
    @Body() { apiKey }: SignInBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedSession> {
    if (!isSameOrigin(request)) throw new ForbiddenError('Sign in on the page of this server.')
    const principal = await this.authenticator.authenticate(apiKey.trim(), request.ip)
    const { token, expiresAt } = await this.sessions.start(apiKey.trim())
    setSessionCookie(request, reply, token, SESSION_SECONDS)
    void reply.header('cache-control', 'no-store')
    return { ...this.current(principal), expiresAt: expiresAt.toISOString() }
  }

  @Get()
  @Access('any')
  @ApiOperation({ summary: 'Who is signed in' })
  @ApiOkResponse({ type: Session })
  current(@CurrentPrincipal() { role, userId }: Principal): Session {
    return { role, userId, defaultRateLimitPerMinute: this.config.rateLimitPerMinute }
  }

  @Delete()
  @HttpCode(204)
  @Access('any')
  @ApiOperation({ summary: 'Sign the browser out' })
  @ApiNoContentResponse()
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const token = sessionTokenOf(request)
    if (token !== undefined) await this.sessions.end(token)
    clearSessionCookie(request, reply)
  }
}
