import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Config } from './config.js'
import { variableOf } from './load-config.js'

describe('.env.example', () => {
  it('lists every variable of Config with its default', () => {
    const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
    const listed = Object.fromEntries(
      [...text.matchAll(/^# ([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
    )
    const config = new Config()
    const expected = Object.entries(config).map(([property, value]) => [
      variableOf(property),
      value === undefined ? '' : String(value),
    ])
    expect(listed).toEqual(Object.fromEntries(expected))
  })
})
