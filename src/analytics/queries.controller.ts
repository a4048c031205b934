import { Body, Controller, HttpCode, Post, Req, Res, StreamableFile } from '@nestjs/common'
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { SkipThrottle } from '@nestjs/throttler'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { Access } from '../common/access.decorator.js'
import { ApiProblems } from '../common/api-docs.decorator.js'
import { AppError } from '../common/app-error.js'
import { CurrentCaller, type Caller } from '../common/caller.js'
import { RouteSettings } from '../common/route-settings.decorator.js'
import { Idempotent } from '../idempotency/idempotent.decorator.js'
import { contentTypeOf, JSON_ANSWER, negotiate } from './answer-formats.js'
import { ANSWER_CONTENT, QUERY_EXAMPLES } from './query.examples.js'
import { DryRunAnswer, QueryAnswer, QueryRequest } from './query.dto.js'
import { QueriesService } from './queries.service.js'

@ApiTags('Queries')
@ApiExtraModels(QueryAnswer)
@Controller('v1/query')
export class QueriesController {
  constructor(private readonly queries: QueriesService) {}

  @Post()
  @HttpCode(200)
  @Access('any')
  @Idempotent({ transaction: false, varyOn: ['accept'] })
  // It has a limit of its own, which counts after the question was checked.
  @SkipThrottle({ reads: true })
  @RouteSettings({ quickAnswers: true })
  @ApiOperation({
    summary: 'Ask a question (paid)',
    description:
      'Groups (measures by dimensions and periods) or rows (`select`). Costs QUERY_COST_CREDITS, cached answers included; ' +
      'a refusal, a failure or a closed connection costs nothing. `Accept` other than JSON streams the whole result.',
  })
  @ApiBody({ type: QueryRequest, examples: QUERY_EXAMPLES })
  @ApiOkResponse(ANSWER_CONTENT)
  @ApiProblems('VALIDATION_FAILED', 'INSUFFICIENT_CREDITS', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT')
  @ApiProblems('RATE_LIMITED', 'UNAVAILABLE', 'QUERY_TIMEOUT')
  async ask(
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | StreamableFile> {
    const format = negotiate(request.headers.accept)
    refuseFiles(body)
    const asking = { caller, request, reply }
    const answer =
      format === JSON_ANSWER
        ? await this.queries.ask(body, asking)
        : // Piped as it is. Of a stream alone Nest makes another one, which reads it by iteration.
          new StreamableFile(await this.queries.export(body, format, asking))
    void reply.type(contentTypeOf(format))
    return answer
  }

  @Post('dry-run')
  @HttpCode(200)
  @Access('any')
  @ApiOperation({ summary: 'What a question would be as SQL and would cost (free)' })
  @ApiBody({ type: QueryRequest, examples: QUERY_EXAMPLES })
  @ApiOkResponse({ type: DryRunAnswer })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT', 'RATE_LIMITED', 'UNAVAILABLE')
  dryRun(@Body() body: unknown): Promise<DryRunAnswer> {
    refuseFiles(body)
    return this.queries.dryRun(body)
  }
}

/** Bodies that are not JSON come as streams, for the routes that take files. */
function refuseFiles(body: unknown): void {
  if (body instanceof Readable) throw new AppError('UNSUPPORTED_FORMAT', 'Send the question as application/json.')
}
