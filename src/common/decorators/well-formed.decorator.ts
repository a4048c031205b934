import { Transform } from 'class-transformer'

/** Half of a character (a lone surrogate) makes a text none: '' instead, which the checks behind it refuse and do not throw at. */
export function WellFormed(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    return typeof value === 'string' && /\p{Surrogate}/u.test(value) ? '' : value
  })
}
