import { ValidateBy } from 'class-validator'

const TIMESTAMP = /^\d{4}-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** An ISO-8601 date, or date and time with its zone (`2030-01-01`, `2030-01-01T08:00:00Z`), as text. */
export function IsTimestamp(): PropertyDecorator {
  return ValidateBy({
    name: 'isTimestamp',
    validator: {
      validate: isTimestamp,
      defaultMessage: () => 'must be a time such as 2030-01-01T00:00:00Z',
    },
  })
}

function isTimestamp(value: unknown): boolean {
  if (typeof value !== 'string' || !TIMESTAMP.test(value)) return false
  // Date accepts a 30th of February and makes a March of it.
  const date = new Date(`${value.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(Date.parse(value)) && date.toISOString().slice(0, 10) === value.slice(0, 10)
}
