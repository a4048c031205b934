import { AppError } from '../common/errors/app-error.js'

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
      `This request costs ${required} ${required === 1 ? 'credit' : 'credits'} and the balance is ${balance}. ${topUpUrl ? 'Buy more credits at topUpUrl.' : 'Ask the operator for more credits.'}`,
      { extra: { required, balance, ...(topUpUrl && { topUpUrl }) } },
    )
  }
}
