import { Type } from 'class-transformer'
import { IsArray, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { ValidationError } from '../errors/app-error.js'
import { validationPipe } from './validation.pipe.js'

class Item {
  @IsInt() quantity: number
}

class Body {
  @IsString() name: string
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Item) items?: Item[]
  @IsOptional() @IsObject() extra?: object
}

async function errorsOf(value: unknown): Promise<{ path: string; message: string }[]> {
  const failed = await validationPipe()
    .transform(value, { type: 'body', metatype: Body })
    .catch((error: unknown) => error)
  return (failed as ValidationError).options?.errors ?? []
}

describe('a body', () => {
  it('passes with the fields of its DTO', async () => {
    expect(await errorsOf({ name: 'a', items: [{ quantity: 1 }], extra: { a: 1 } })).toEqual([])
  })

  it('is refused with an unknown field at any level', async () => {
    expect(await errorsOf({ name: 'a', surplus: 1 })).toEqual([{ path: 'surplus', message: 'is not a known field' }])
    expect(await errorsOf({ name: 'a', items: [{ quantity: 1, surplus: 1 }] })).toEqual([
      { path: 'items[0].surplus', message: 'is not a known field' },
    ])
    expect(await errorsOf(JSON.parse('{"name":"a","__proto__":{"x":1},"constructor":1}'))).toHaveLength(2)
  })

  it('is refused with a field that hides behind that of every object, at any level', async () => {
    expect(await errorsOf({ name: 'a', items: [{ quantity: 1, constructor: { bogus: 1 } }] })).toEqual([
      { path: 'items[0].constructor', message: 'is not a known field' },
    ])
  })

  it('says what a mistyped field was to be', async () => {
    expect(await errorsOf({ nmae: 'a' })).toEqual([
      { path: 'nmae', message: 'is not a known field. Did you mean "name"?' },
    ])
    expect(await errorsOf({ ['x'.repeat(1_000_000)]: 1 })).toHaveLength(1)
  })

  it('with 90,000 unknown fields is refused before it is transformed, naming a hundred of them', async () => {
    const body = Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [`k${index}`, 1]))
    const errors = await errorsOf(body)
    expect(errors).toHaveLength(101)
    expect(errors.at(-1)).toEqual({ path: '', message: '89900 more errors are not listed' })
  })

  it.each([
    ['an item', (huge: object) => ({ name: 'a', items: [huge] }), 'items[0]'],
    ['a free object', (huge: object) => ({ name: 'a', extra: { within: huge } }), 'extra.within'],
  ])('with too many fields in %s is refused before it is transformed', async (_, bodyOf, path) => {
    const huge = Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [`k${index}`, 1]))
    expect(await errorsOf(bodyOf(huge))).toEqual([{ path, message: 'must not have more than 200 fields' }])
  })
})
