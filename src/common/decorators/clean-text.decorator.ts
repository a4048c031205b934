import { applyDecorators } from '@nestjs/common'
import { IsString, Length, Matches } from 'class-validator'

/**
 * One line of text for people: no control characters (PostgreSQL refuses a NUL in text), `min` to `max` characters, and
 * where it must not be empty not only blanks.
 */
export function IsCleanText(max: number, min = 1): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(min, max),
    ...(min > 0 ? [Matches(/\S/, { message: 'must not be blank' })] : []),
    // eslint-disable-next-line no-control-regex
    Matches(/^[^\u0000-\u001f\u007f]*$/, { message: 'must not contain control characters' }),
    // Half a surrogate pair has no UTF-8: it would be stored as another character.
    Matches(/^\P{Surrogate}*$/u, { message: 'must be valid Unicode' }),
  )
}
