import { AppError } from '../common/errors/app-error.js'
import type { LimitExceeded } from './credits.types.js'

/** The condition of a charge does not hold, so nothing was taken: the request is to be quoted again. Never a response. */
export class OutdatedQuoteError extends Error {}

/** 402: the balance does not cover the cost; nothing was taken. */
export class InsufficientCreditsError extends AppError {
  constructor(
    readonly required: number,
    readonly balance: number,
    topUpUrl?: string,
  ) {
    super(
      'INSUFFICIENT_CREDITS',
      `This request costs ${credits(required)} and the balance is ${balance}. ${topUpUrl ? 'Buy more credits at topUpUrl.' : 'Ask the operator for more credits.'}`,
      { extra: { required, balance, ...(topUpUrl && { topUpUrl }) } },
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

function credits(amount: number): string {
  return `${amount} ${amount === 1 ? 'credit' : 'credits'}`
}
