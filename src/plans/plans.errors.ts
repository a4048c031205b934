import { AppError } from '../common/errors/app-error.js'

/** 409: users have the plan, so that it cannot be deleted, or count other periods. */
export class PlanInUseError extends AppError {
  constructor(users: number, instead: string) {
    const who = users === 1 ? '1 user has' : `${users} users have`
    super('CONFLICT', `${who} this plan. ${instead}`)
  }
}
