import { AppError } from '../common/errors/app-error.js'

/** 400: the query costs more than its maxCostCredits; nothing was charged. */
export class CostLimitExceededError extends AppError {
  constructor(cost: number, maxCostCredits: number) {
    super(
      'COST_LIMIT_EXCEEDED',
      `This query costs ${cost} ${cost === 1 ? 'credit' : 'credits'} and maxCostCredits is ${maxCostCredits}. Raise it, or narrow the query.`,
      { extra: { cost } },
    )
  }
}
