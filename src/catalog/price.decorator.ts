import { applyDecorators } from '@nestjs/common'
import { ApiProperty } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { ValidateBy } from 'class-validator'

const PRICE = /^\d{1,14}(\.\d{1,4})?$/

/**
 * A price of at most 14 digits before the point and 4 behind it, as a JSON number or, where that would be rounded,
 * as text. Reaches the handler as text, so that the database gets what was sent.
 */
export function IsPrice(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      oneOf: [
        { type: 'number', format: 'decimal' },
        { type: 'string', format: 'decimal' },
      ],
      example: 19.99,
    }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'number' ? String(value) : value)),
    ValidateBy({
      name: 'isPrice',
      validator: {
        validate: (value) => typeof value === 'string' && PRICE.test(value),
        defaultMessage: () => 'must be a price from 0, with at most 14 digits before the point and 4 behind it',
      },
    }),
  )
}
