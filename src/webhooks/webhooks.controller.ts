import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import { Audited, givenFields, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { WebhookDelivery } from './webhook-deliveries.dto.js'
import { CreateWebhookBody, RotateSecretBody, UpdateWebhookBody, Webhook, WebhookWithSecret } from './webhooks.dto.js'
import { DEFAULT_OVERLAP_SECONDS, WebhooksService } from './webhooks.service.js'

const DESCRIPTION = [
  'A POST by [Standard Webhooks](https://www.standardwebhooks.com) with the body `{"type","timestamp","data"}` and the',
  'headers `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64 HMAC-SHA256 of id.timestamp.body>`. What does',
  'not get a 2xx within 10 s is tried again for 24 hours, with the same id and body: a webhook may arrive more than once. A',
  'receiver that responds with 410 is disabled.',
].join(' ')

@ApiTags('Webhooks')
@Controller('v1/admin/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'Webhooks, newest first, without their secrets' })
  @ApiPage(Webhook)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() page: PageQuery): Promise<Page<Webhook>> {
    return this.webhooks.list(page)
  }

  @Post()
  @Access('admin')
  @Audited<WebhookWithSecret>({
    action: 'webhook.create',
    target: idOfResult,
    // The rest of a URL may hold a token.
    details: (_request, { url, events, userId }) => ({ host: new URL(url).host, events, userId }),
  })
  @ApiOperation({ summary: 'Tell a URL of events', description: DESCRIPTION })
  @ApiCreatedResponse({ type: WebhookWithSecret })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  create(@Body() body: CreateWebhookBody): Promise<WebhookWithSecret> {
    return this.webhooks.create(body)
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'One webhook, without its secret' })
  @ApiOkResponse({ type: Webhook })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<Webhook> {
    return this.webhooks.get(id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'webhook.update', details: (request) => ({ fields: givenFields(request) }) })
  @ApiOperation({
    summary: 'Change, disable or enable a webhook; what is absent stays',
    description: 'The secret stays with another URL too. Disabling cancels what is not delivered yet.',
  })
  @ApiOkResponse({ type: Webhook })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdateWebhookBody): Promise<Webhook> {
    return this.webhooks.update(id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'webhook.delete' })
  @ApiOperation({ summary: 'Delete a webhook; what is not delivered yet is canceled' })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.webhooks.remove(id)
  }

  @Post(':id/rotate')
  @Access('admin')
  @Audited({
    action: 'webhook.rotate',
    details: ({ body }) => ({
      overlapSeconds: (body as RotateSecretBody | undefined)?.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS,
    }),
  })
  @ApiOperation({
    summary: 'Give a webhook a new secret',
    description: 'For `overlapSeconds` (a day when absent) each delivery has a signature by either secret.',
  })
  @ApiCreatedResponse({ type: WebhookWithSecret })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  rotate(@Param('id', UuidParam) id: string, @Body() body?: RotateSecretBody): Promise<WebhookWithSecret> {
    return this.webhooks.rotate(id, body?.overlapSeconds)
  }

  @Post(':id/test')
  @HttpCode(202)
  @Access('admin')
  @Audited({ action: 'webhook.test' })
  @ApiOperation({ summary: 'Send an event of the type `webhook.test`, once; its delivery says how that went' })
  @ApiAcceptedResponse({ type: WebhookDelivery })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  test(@Param('id', UuidParam) id: string): Promise<WebhookDelivery> {
    return this.webhooks.test(id)
  }

  @Get(':id/deliveries')
  @Access('admin')
  @ApiOperation({ summary: 'What was sent and how that went, newest first; kept for LOG_RETENTION_DAYS' })
  @ApiPage(WebhookDelivery)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  deliveries(@Param('id', UuidParam) id: string, @Query() page: PageQuery): Promise<Page<WebhookDelivery>> {
    return this.webhooks.listDeliveries(id, page)
  }

  @Post(':id/deliveries/:deliveryId/resend')
  @HttpCode(202)
  @Access('admin')
  @Audited({
    action: 'webhook.resend',
    details: ({ params }) => ({ deliveryId: (params as { deliveryId: string }).deliveryId }),
  })
  @ApiOperation({
    summary: 'Send a delivery now, whatever became of it, and for another 24 hours',
    description: 'Its id and body stay, so a receiver that has it already can tell.',
  })
  @ApiAcceptedResponse({ type: WebhookDelivery })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  resend(
    @Param('id', UuidParam) id: string,
    @Param('deliveryId', UuidParam) deliveryId: string,
  ): Promise<WebhookDelivery> {
    return this.webhooks.resend(id, deliveryId)
  }
}
