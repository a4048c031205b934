import { Controller, HttpCode, Post, Req } from '@nestjs/common'
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger'
import { SkipThrottle } from '@nestjs/throttler'
import type { FastifyRequest } from 'fastify'
import { Access } from '../common/access.decorator.js'
import { ApiProblems } from '../common/api-docs.decorator.js'
import { readBatchBody, readEventBody } from './event-body.js'
import { MAX_BATCH_EVENTS } from './event-limits.js'
import { BatchAnswer, EventInput, IngestAnswer } from './events.dto.js'
import { EventsService } from './events.service.js'

const IN_DOUBT =
  'The answer comes when it is durable. After a 503, or without an answer, it may be stored or not: sending it again may ' +
  'store it twice.'

// The bodies are taken as streams, because the framework's parser would make doubles of exact numbers.
// Events are writes and as many as there are; the queue of the writer is what bounds them.
@ApiTags('Real time')
@SkipThrottle({ reads: true })
@Controller('api/ingest')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Post()
  @HttpCode(200)
  @Access('any', { streamBody: true })
  @ApiOperation({ summary: 'Send an event (free)', description: IN_DOUBT })
  @ApiBody({ type: EventInput })
  @ApiOkResponse({ type: IngestAnswer })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT')
  async ingest(@Req() request: FastifyRequest): Promise<IngestAnswer> {
    return { status: 'data received', id: await this.events.ingest(await readEventBody(request)) }
  }

  @Post('batch')
  @HttpCode(200)
  @Access('any', { streamBody: true })
  @ApiOperation({
    summary: `Send up to ${MAX_BATCH_EVENTS} events (free)`,
    description: `An array, or NDJSON. Bad ones are told by index, the good ones are stored together. ${IN_DOUBT}`,
  })
  @ApiBody({
    schema: { type: 'array', maxItems: MAX_BATCH_EVENTS, items: { $ref: getSchemaPath(EventInput) } },
    description: 'or a line of JSON for each event, as `application/x-ndjson`',
  })
  @ApiOkResponse({ type: BatchAnswer })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT')
  async ingestBatch(@Req() request: FastifyRequest): Promise<BatchAnswer> {
    return this.events.ingestBatch(await readBatchBody(request))
  }
}
