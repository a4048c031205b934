import { ValidateBy } from 'class-validator'
import { validateCronExpression } from 'cron'

/** Five or six fields, as crontab has them. */
export function IsCronExpression(): PropertyDecorator {
  return ValidateBy({
    name: 'isCronExpression',
    validator: {
      validate: (value) => typeof value === 'string' && validateCronExpression(value).valid,
      defaultMessage: () => 'must be a cron expression such as 0 */6 * * *',
    },
  })
}
