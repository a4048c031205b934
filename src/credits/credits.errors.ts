import { AppError } from '../common/app-error.js'

/** 402: the balance does not cover the cost; nothing was taken. */
export class InsufficientCreditsError extends AppError {
  constructor(required: number, balance: number) {
    super(
      'INSUFFICIENT_CREDITS',
      `This request costs ${required} ${required === 1 ? 'credit' : 'credits'} and the balance is ${balance}.`,
      { extra: { required, balance } },
    )
  }
}
