import { applyDecorators } from '@nestjs/common'
import { IsString, Length, Matches } from 'class-validator'

/** One line of text for people: no control characters (PostgreSQL refuses a NUL in text), `min` to `max` characters. */
export function IsCleanText(max: number, min = 1): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(min, max),
    // eslint-disable-next-line no-control-regex
    Matches(/^[^\u0000-\u001f\u007f]*$/, { message: 'must not contain control characters' }),
  )
}
