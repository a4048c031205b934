import { Controller, HttpCode, Post, Req } from '@nestjs/common'
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { FailedAttempts } from '../auth/rate-limits/failed-attempts.js'
import { PrincipalQuota } from '../auth/principal-quota.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { RouteSettings } from '../common/decorators/route-settings.decorator.js'
import { AppError, UnavailableError } from '../common/errors/app-error.js'
import { bytesOf } from '../common/http/body-bytes.js'
import { Config } from '../config/config.js'
import { ReceivedEvent } from './stripe.dto.js'
import { StripeEventsService } from './stripe-events.service.js'

const MAX_EVENT_BYTES = 256 * 1024
/** Bodies of strangers in memory, until their signature is looked at. */
const MAX_BODIES = 64
const BODIES = 'stripe'

@ApiTags('Credits')
@Controller('v1/payments/stripe')
export class StripeController {
  private readonly bodies = new PrincipalQuota(MAX_BODIES)

  constructor(
    private readonly events: StripeEventsService,
    private readonly failures: FailedAttempts,
    private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('public')
  @RouteSettings({ rawBody: true })
  @ApiOperation({
    summary: 'Receive an event from Stripe: a paid checkout session is granted as credits, once',
    description:
      'For the webhook endpoint of your Stripe account, whose signing secret is STRIPE_WEBHOOK_SECRET (404 without it). ' +
      "The session's `client_reference_id` is the user's id, and `credits` in its metadata what was bought. Other events " +
      'are received and ignored.',
  })
  @ApiHeader({
    name: 'Stripe-Signature',
    required: true,
    schema: { type: 'string', example: 't=1767225600,v1=5257a8' },
  })
  @ApiBody({ schema: { type: 'object', additionalProperties: true, description: 'an event, as Stripe sends it' } })
  @ApiOkResponse({ type: ReceivedEvent })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'RATE_LIMITED', 'UNAVAILABLE')
  async receive(@Req() request: FastifyRequest): Promise<ReceivedEvent> {
    const { stripeWebhookSecret: secret } = this.config
    if (!secret)
      throw new AppError('NOT_FOUND', 'Payments by Stripe are not set up here: STRIPE_WEBHOOK_SECRET is not set.')
    const body = await this.bodyOf(request)
    const event = await this.events.verified(body, signatureOf(request), secret)
    if (!event) throw await this.refusal(request)
    return { received: true, credited: await this.events.handle(event, request.id) }
  }

  private async bodyOf(request: FastifyRequest): Promise<Buffer> {
    if (!this.bodies.take(BODIES)) throw new UnavailableError('Too many events at once; send it again.')
    try {
      return await bytesOf(request, MAX_EVENT_BYTES)
    } finally {
      this.bodies.release(BODIES)
    }
  }

  /** 429 for an address that keeps failing. */
  private async refusal({ ip }: FastifyRequest): Promise<AppError> {
    await this.failures.note(ip)
    return new AppError(
      'VALIDATION_FAILED',
      'Stripe-Signature does not fit the body, or is older than five minutes. Check STRIPE_WEBHOOK_SECRET and the clock, and that no proxy changes the body.',
    )
  }
}

function signatureOf({ headers }: FastifyRequest): string | undefined {
  const signature = headers['stripe-signature']
  return Array.isArray(signature) ? signature[0] : signature
}
