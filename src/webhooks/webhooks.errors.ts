import { AppError } from '../common/errors/app-error.js'

/** 409: nothing is sent to a webhook that is disabled. */
export class WebhookDisabledError extends AppError {
  constructor() {
    super('CONFLICT', 'This webhook is disabled; set its status to active first.')
  }
}
