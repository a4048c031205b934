import { applyDecorators } from '@nestjs/common'
import { IsString, Length, Matches } from 'class-validator'

/** What breaks a line or is no text: controls, and the line and paragraph separators. */
export const NOT_ONE_LINE = /[\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * One line of text for people: no control characters (PostgreSQL refuses a NUL in text) and no line separators, `min` to
 * `max` characters, and where it must not be empty not only blanks.
 */
export function IsCleanText(max: number, min = 1): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(min, max),
    ...(min > 0 ? [Matches(/\S/, { message: 'must not be blank' })] : []),
    Matches(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, {
      message: 'must be one line, without control characters or line separators',
    }),
    // Half a surrogate pair has no UTF-8: it would be stored as another character.
    Matches(/^\P{Surrogate}*$/u, { message: 'must be valid Unicode' }),
  )
}
