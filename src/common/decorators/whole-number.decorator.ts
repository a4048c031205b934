import { Transform } from 'class-transformer'

/** Makes a number of a query parameter written in digits; of all else NaN, which @IsInt() refuses (Number() takes '', 0x10 and 1e2). */
export function WholeNumber(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (typeof value !== 'string') return value
    return /^-?\d+$/.test(value) ? Number(value) : Number.NaN
  })
}
