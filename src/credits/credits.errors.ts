import { AppError } from '../common/errors/app-error.js'
import type { LimitExceeded } from './credits.types.js'

/** The condition of a charge does not hold, so nothing was taken: the request is to be quoted again. Never a response. */
export class OutdatedQuoteError extends Error {}

/** 402: the balance does not cover the cost; nothing was taken. */
export class InsufficientCreditsError extends AppError {
  constructor(required: number, balance: number) {
    super(
      'INSUFFICIENT_CREDITS',
      `This request costs ${credits(required)} and the balance is ${balance}. Ask the operator for more credits.`,
      { extra: { required, balance } },
    )
  }
}

/** 402: the key may not spend that much in this period; nothing was taken. */
export class KeyCreditLimitError extends AppError {
  constructor(required: number, { limit, used, resetsAt }: LimitExceeded) {
    const until = resetsAt ? ` until ${resetsAt.toISOString()}` : ''
    super(
      'KEY_CREDIT_LIMIT',
      `This request costs ${credits(required)}; this key may spend ${credits(limit)}${until}, and ${used} are used. Ask the operator for a higher limit.`,
      { extra: { required, limit, used, resetsAt } },
    )
  }
}

/** 402: the browser token may not spend that much; nothing was taken. */
export class TokenCreditLimitError extends AppError {
  constructor(required: number, { limit, used }: Pick<LimitExceeded, 'limit' | 'used'>) {
    super(
      'KEY_CREDIT_LIMIT',
      `This request costs ${credits(required)}; this token may spend ${credits(limit)}, and ${used} are used. Get a new token from the page's server.`,
      { extra: { required, limit, used, resetsAt: null } },
    )
  }
}

function credits(amount: number): string {
  return `${amount} ${amount === 1 ? 'credit' : 'credits'}`
}
