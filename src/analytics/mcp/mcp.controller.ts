import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common'
import { ApiBody, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ForbiddenError, UnauthenticatedError } from '../../auth/auth.errors.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { originsOf } from '../../common/http/origins.js'
import { Config } from '../../config/config.js'
import { Produces } from '../../common/guards/acceptable.guard.js'
import { McpService } from './mcp.service.js'
import { hasCredentials } from './rest-calls.js'

const MESSAGE = { type: 'object' as const, additionalProperties: true }

@ApiTags('Agents')
@Controller('mcp')
export class McpController {
  private readonly origins: ReadonlySet<string>

  constructor(
    private readonly mcp: McpService,
    { corsOrigins }: Config,
  ) {
    this.origins = new Set(originsOf(corsOrigins))
  }

  @Post()
  @HttpCode(200)
  @Access('any')
  @Produces('application/json', 'text/event-stream')
  @ApiOperation({
    summary: 'The Model Context Protocol (Streamable HTTP), for agents',
    description:
      'JSON-RPC messages in, JSON out; no sessions and no streams. Tools: `list_datasets`, `describe_dataset`, `query`, ' +
      '`dry_run`, and one for each endpoint that the key may call. A call of a tool is paid, limited and logged as the same ' +
      'request over REST; what that refuses is a result with `isError` that says what to change.',
  })
  @ApiBody({
    schema: {
      ...MESSAGE,
      example: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_datasets', arguments: {} } },
    },
  })
  @ApiOkResponse({ description: 'The response', content: { 'application/json': { schema: MESSAGE } } })
  @ApiResponse({ status: 202, description: 'A notification was taken' })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT')
  async post(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() message: object,
  ): Promise<string> {
    this.refuseForeignPages(request)
    const response = await this.mcp.respond(request, reply, message)
    void reply.code(response.status)
    const type = response.headers.get('content-type')
    if (type) void reply.type(type)
    return response.text()
  }

  /** A page that a browser shows must not reach an agent's server with a cookie, or by a name that it was given (DNS rebinding). */
  private refuseForeignPages(request: FastifyRequest): void {
    if (!hasCredentials(request)) throw new UnauthenticatedError()
    const { origin } = request.headers
    if (origin !== undefined && !this.origins.has(origin))
      throw new ForbiddenError(
        'Pages of this origin may not call /mcp; the operator can name the origin in CORS_ORIGINS.',
      )
  }
}
