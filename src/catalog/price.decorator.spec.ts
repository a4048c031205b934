import 'reflect-metadata'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { IsPrice } from './price.decorator.js'

class Priced {
  @IsPrice() price: unknown
}

function read(price: unknown): { price: unknown; problems: number } {
  const priced = plainToInstance(Priced, { price })
  return { price: priced.price, problems: validateSync(priced).length }
}

describe('IsPrice', () => {
  it.each([
    [19.99, '19.99'],
    [0, '0'],
    [0.0001, '0.0001'],
    ['99999999999999.9999', '99999999999999.9999'],
    [99999999999.9999, '99999999999.9999'],
    [12345678901234.568, '12345678901234.568'],
  ])('takes %s', (price, text) => {
    expect(read(price)).toEqual({ price: text, problems: 0 })
  })

  it.each([-1, 1.00001, 1e14, 0.00001, '1,5', '1e3', '', ' 1', null, true, [], {}])('refuses %s', (price) => {
    expect(read(price).problems).toBe(1)
  })
})
