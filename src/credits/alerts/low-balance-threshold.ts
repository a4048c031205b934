import { ValidateBy } from 'class-validator'
import { MAX_GRANT_CREDITS } from '../credits.types.js'

/** Of what the last grant brought, rounded down to whole credits. */
export interface PercentThreshold {
  percent: number
}

/** Whole credits, or a share of a grant. */
export type Threshold = number | PercentThreshold

/** Of accounts without an alert of their own, for webhooks; the default of the column too. */
export const DEFAULT_THRESHOLD: PercentThreshold = { percent: 20 }

export function isPercent(threshold: Threshold): threshold is PercentThreshold {
  return typeof threshold === 'object'
}

export function IsThreshold(): PropertyDecorator {
  return ValidateBy({
    name: 'isThreshold',
    validator: {
      validate: (value) => isWithin(value, 0, MAX_GRANT_CREDITS) || isShare(value),
      defaultMessage: () =>
        `must be whole credits from 0 to ${MAX_GRANT_CREDITS}, or {"percent": 20} with a whole number from 1 to 100`,
    },
  })
}

function isShare(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'percent') return false
  return isWithin((value as PercentThreshold).percent, 1, 100)
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}
