import { Injectable, Logger } from '@nestjs/common'
import type Stripe from 'stripe'
import { AuditTrail } from '../audit/audit-trail.service.js'
import { AppError } from '../common/errors/app-error.js'
import { Database } from '../infrastructure/database/database.js'
import { CreditsService } from '../credits/credits.service.js'
import { purchaseOf, type Purchase } from './checkout-session.js'
import { PaymentsRepository } from './payments.repository.js'

const ACTOR = 'stripe'
/** How old a signature may be: Stripe signs each of its tries anew. */
const TOLERANCE_SECONDS = 300

/** Events that Stripe sends: a paid checkout session is granted as credits, once. */
@Injectable()
export class StripeEventsService {
  private readonly logger = new Logger('Stripe')

  constructor(
    private readonly payments: PaymentsRepository,
    private readonly credits: CreditsService,
    private readonly audit: AuditTrail,
    private readonly database: Database,
  ) {}

  /** The event in a body that Stripe has signed a moment ago; undefined for any other body. */
  async verified(body: Buffer, signature: string | undefined, secret: string): Promise<Stripe.Event | undefined> {
    // Not at the start, which it would make longer for everybody who sells nothing.
    const { default: library } = await import('stripe')
    try {
      return library.webhooks.constructEvent(body, signature ?? '', secret, TOLERANCE_SECONDS)
    } catch (error) {
      if (error instanceof library.errors.StripeSignatureVerificationError || error instanceof SyntaxError)
        return undefined
      throw error
    }
  }

  /**
   * True when it granted credits. What it throws makes Stripe send the event again, for days: time to mend what is wrong
   * with it.
   */
  async handle(event: Stripe.Event, requestId: string): Promise<boolean> {
    try {
      const purchase = purchaseOf(event)
      return purchase !== undefined && (await this.audit.actingAs(ACTOR, requestId, () => this.grant(purchase, event)))
    } catch (error) {
      const reason = error instanceof AppError ? error.message : String(error)
      this.logger.error(`event ${event.id} (${event.type}) brought no credits: ${reason}`)
      throw error
    }
  }

  private grant({ sessionId, userId, credits }: Purchase, event: Stripe.Event): Promise<boolean> {
    return this.database.transaction(async () => {
      if (!(await this.payments.insert({ provider: 'stripe', reference: sessionId, userId, credits }))) return false
      const { grantId } = await this.credits.grant({ userId, amount: credits, reason: `Stripe ${sessionId}` })
      await this.audit.record({
        action: 'credits.add',
        target: userId,
        details: { grantId, amount: credits, session: sessionId, event: event.id },
      })
      return true
    })
  }
}
