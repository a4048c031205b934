import { Controller, HttpCode, Post, Req } from '@nestjs/common'
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Access } from '../common/decorators/access.decorator.js'
import { Throttled } from '../common/decorators/throttled.decorator.js'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import { readBatchBody, readEventBody } from './event-body.js'
import { MAX_BATCH_EVENTS } from './event-limits.js'
import { BatchResponse, EventInput, IngestResponse } from './events.dto.js'
import { EventsService } from './events.service.js'

const IN_DOUBT =
  'Events of one user that are on their way or wait to be stored have a share (EVENT_QUEUE_BYTES_PER_USER); beyond it they ' +
  'get 429 with `Retry-After` and are not stored. The response comes when it is durable. After a 503, or without a response, it may be stored or not: sending it again may ' +
  'store it twice.'

// The bodies are taken as streams, because the framework's parser would make doubles of exact numbers.
// Events are writes and as many as there are; the queue of the writer is what bounds them.
@ApiTags('Real time')
@Controller('api/ingest')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Post()
  @HttpCode(200)
  @Access('events', { streamBody: 'events' })
  @Throttled('unlimited')
  @ApiOperation({ summary: 'Send an event (free)', description: IN_DOUBT })
  @ApiBody({ type: EventInput })
  @ApiOkResponse({ type: IngestResponse })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT', 'RATE_LIMITED')
  async ingest(@Req() request: FastifyRequest, @CurrentPrincipal() principal: Principal): Promise<IngestResponse> {
    return { status: 'data received', id: await this.events.ingest(await readEventBody(request), principal) }
  }

  @Post('batch')
  @HttpCode(200)
  @Access('events', { streamBody: 'events' })
  @Throttled('unlimited')
  @ApiOperation({
    summary: `Send up to ${MAX_BATCH_EVENTS} events (free)`,
    description: `An array, or NDJSON. Bad ones are named by their index, the good ones are stored together. ${IN_DOUBT}`,
  })
  @ApiBody({
    schema: { type: 'array', maxItems: MAX_BATCH_EVENTS, items: { $ref: getSchemaPath(EventInput) } },
    description: 'or a line of JSON for each event, as `application/x-ndjson`',
  })
  @ApiOkResponse({ type: BatchResponse })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT', 'RATE_LIMITED')
  async ingestBatch(@Req() request: FastifyRequest, @CurrentPrincipal() principal: Principal): Promise<BatchResponse> {
    const batch = this.events.newBatch()
    await readBatchBody(request, (events) => batch.add(events))
    return this.events.ingestBatch(batch, principal)
  }
}
