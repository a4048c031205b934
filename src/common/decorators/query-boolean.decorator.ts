import { applyDecorators } from '@nestjs/common'
import { Transform } from 'class-transformer'
import { IsBoolean } from 'class-validator'

/** A query parameter that is `true` or `false`. */
export function QueryBoolean(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean(),
  )
}
