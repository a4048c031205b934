import { describe, expect, it } from 'vitest'
import { filled, templateOf, type ResponseFacts } from './response-template.js'

const response =
  (data: string) =>
  ({ id, elapsedMs, charged, remaining }: ResponseFacts): Buffer =>
    Buffer.from(
      `{"data":${data},"query":{"id":"${id}","elapsedMs":${elapsedMs}},"credits":${JSON.stringify({ charged, remaining })}}`,
    )

describe('templateOf', () => {
  it('gives the bytes that the response would have', () => {
    const assemble = response('[{"city":"Zürich 東京","id":"x","elapsedMs":1,"charged":0,"remaining":2}]')
    const template = templateOf(assemble)!
    for (const charged of [0, 3])
      expect(filled(template, { id: 'an id', elapsedMs: 1.23456, charged, remaining: 42 })).toEqual(
        assemble({ id: 'an id', elapsedMs: 1.235, charged, remaining: 42 }).toString(),
      )
  })

  it('makes none of a response without the expected fields', () => {
    expect(templateOf(() => Buffer.from('{"data":[]}'))).toBeUndefined()
  })
})
