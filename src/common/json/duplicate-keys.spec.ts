import { describe, expect, it } from 'vitest'
import { ValidationError } from '../errors/app-error.js'
import { refuseDuplicateKeys } from './duplicate-keys.js'

function pathIn(json: string): string | undefined {
  try {
    refuseDuplicateKeys(json)
    return undefined
  } catch (error) {
    return (error as ValidationError).options.errors![0]!.path
  }
}

describe('a field that stands twice', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"limit":1,"b":{"limit":2},"limit":3}', 'limit'],
    ['{"a":[1,{"b":[],"c":{},"b":"x"}]}', 'a[1].b'],
    ['[{"a":1},{"a":1,"b":"\\"a","a":2}]', '[1].a'],
    ['{"":1,"":2}', ''],
    ['{"a":"}","a":1}', 'a'],
    [' { "a" : { "x" : 1 } , "a" : null } ', 'a'],
  ])('%s is refused', (json, path) => {
    JSON.parse(json)
    expect(pathIn(json)).toBe(path)
  })

  it.each([
    '{"a":1,"b":"a","c":["a","a"]}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":"a"}}}',
    '"a"',
    '{"a\\"":1,"a":2}',
    '{"A":1,"a":2}',
    '{"constructor":1,"toString":2}',
    '[]',
    '12',
  ])('%s has none', (json) => {
    expect(pathIn(json)).toBeUndefined()
  })

  it('is found among 90,000 fields, and below 150,000 levels there is none', () => {
    const many = `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":{"a":[]}`).join(',')},"k7":1}`
    const deep = '{"a":'.repeat(150_000) + '1' + '}'.repeat(150_000)
    expect(pathIn(many)).toBe('k7')
    expect(pathIn(deep)).toBeUndefined()
  })

  it('is looked for in objects of so many fields at most', () => {
    const objectOf = (fields: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: fields }, (_, i) => [`k${i}`, i])))
    const text = `{"a":[1,${objectOf(101)}]}`
    expect(() => refuseDuplicateKeys(text, 101)).not.toThrow()
    expect(() => refuseDuplicateKeys(text, 100)).toThrow('a[1]: must not have more than 100 fields')
  })

  it.each(['{"a":1,"b', '],1,{}}', '{"a\\x":1}', ',,,', '{"a":[}', '"', '{{"a":1,"b":', ''])(
    'need not be found in %s',
    (text) => {
      expect(() => refuseDuplicateKeys(text)).not.toThrow()
    },
  )
})
