import { describe, expect, it } from 'vitest'
import { filled, templateOf, type Giving } from './answer-template.js'

const answer =
  (data: string) =>
  ({ id, elapsedMs, charged, remaining }: Giving): Buffer =>
    Buffer.from(
      `{"data":${data},"query":{"id":"${id}","elapsedMs":${elapsedMs}},"credits":${JSON.stringify({ charged, remaining })}}`,
    )

describe('templateOf', () => {
  it('gives the bytes that the answer would have', () => {
    const assemble = answer('[{"city":"Zürich 東京","id":"x","elapsedMs":1,"remaining":2}]')
    const template = templateOf(assemble, 3)!
    const text = filled(template, { id: 'an id', elapsedMs: 1.23456, remaining: 42 })
    expect(Buffer.from(text, 'latin1')).toEqual(assemble({ id: 'an id', elapsedMs: 1.235, charged: 3, remaining: 42 }))
  })

  it('makes none of an answer whose places it does not find', () => {
    expect(templateOf(() => Buffer.from('{"data":[]}'), 1)).toBeUndefined()
  })
})
