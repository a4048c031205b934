import type Stripe from 'stripe'
import { validate as isUuid } from 'uuid'
import { AppError } from '../common/errors/app-error.js'
import { MAX_GRANT_CREDITS } from '../credits/credits.types.js'

/** Events that may tell of a payment; a slow one (a bank transfer) is completed first and paid later. */
const PAID_EVENTS = ['checkout.session.completed', 'checkout.session.async_payment_succeeded'] as const

/** It becomes part of the grant's reason. */
const SESSION_ID = /^\w{1,255}$/

/** What a paid checkout session bought, and for whom. */
export interface Purchase {
  sessionId: string
  userId: string
  credits: number
}

/**
 * The purchase that an event tells of; undefined for every other event, for a session that is not paid (yet), and for one
 * that is not about credits. AppError (400) where a paid one cannot be understood.
 */
export function purchaseOf({ type, data }: Stripe.Event): Purchase | undefined {
  if (!PAID_EVENTS.some((event) => event === type)) return undefined
  const session = data?.object as Stripe.Checkout.Session | undefined
  if (!SESSION_ID.test(session?.id ?? ''))
    throw new AppError('VALIDATION_FAILED', 'The event must have a checkout session with an id.')
  const { id, payment_status, client_reference_id, metadata } = session!
  const credits = metadata?.credits
  if (payment_status !== 'paid' || (credits === undefined && client_reference_id === null)) return undefined
  return { sessionId: id, userId: userIdOf(client_reference_id), credits: creditsOf(credits) }
}

function userIdOf(reference: string | null): string {
  if (reference !== null && isUuid(reference)) return reference.toLowerCase()
  throw new AppError('VALIDATION_FAILED', "The session's client_reference_id must be the id of a user.")
}

function creditsOf(text: string | undefined): number {
  const credits = /^[1-9]\d*$/.test(text ?? '') ? Number(text) : NaN
  if (credits <= MAX_GRANT_CREDITS) return credits
  throw new AppError(
    'VALIDATION_FAILED',
    `The session's metadata must have credits: a whole number from 1 to ${MAX_GRANT_CREDITS}.`,
  )
}
