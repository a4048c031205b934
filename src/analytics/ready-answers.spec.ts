import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Config } from '../config/config.js'
import type { Giving } from './answer-template.js'
import type { CompiledQuestion } from './compiler.js'
import { ReadyAnswers } from './ready-answers.js'

const BODY = { dataset: 'transactions', measures: ['transactions'] }
const QUESTION = { dataset: { name: 'transactions' } } as CompiledQuestion

const answerOf =
  (data: string) =>
  ({ id, elapsedMs, remaining }: Giving): Buffer =>
    Buffer.from(`{"data":"${data}","id":"${id}","elapsedMs":${elapsedMs},"remaining":${remaining}}`)

describe('ReadyAnswers', () => {
  let ready: ReadyAnswers
  beforeEach(() => {
    vi.useFakeTimers()
    ready = new ReadyAnswers(Object.assign(new Config(), { queryCacheTtlSeconds: 60, queryCostCredits: 1 }))
  })
  afterEach(() => vi.useRealTimers())

  it('finds the answer to an equal body, with its version, for ten seconds', () => {
    ready.keep(BODY, QUESTION, 7, answerOf('x'))
    expect(ready.find({ ...BODY })).toMatchObject({ dataset: 'transactions', version: 7 })
    expect(ready.find({ ...BODY, limit: 5 })).toBeUndefined()
    vi.advanceTimersByTime(10_000)
    expect(ready.find(BODY)).toBeUndefined()
  })

  it('replaces an answer of another version', () => {
    ready.keep(BODY, QUESTION, 7, answerOf('old'))
    ready.keep(BODY, QUESTION, 8, answerOf('new'))
    expect(ready.find(BODY)).toMatchObject({ version: 8 })
    expect(ready.find(BODY)!.template[0]).toContain('new')
  })

  it('keeps an answer no longer than its question means the same', () => {
    ready.keep(BODY, { ...QUESTION, validUntil: Date.now() + 2_000 }, 7, answerOf('x'))
    vi.advanceTimersByTime(1_999)
    expect(ready.find(BODY)).toBeDefined()
    vi.advanceTimersByTime(1)
    expect(ready.find(BODY)).toBeUndefined()
  })

  it('keeps none that may not be cached, and none that is long', () => {
    ready.keep(BODY, QUESTION, undefined, answerOf('x'))
    expect(ready.find(BODY)).toBeUndefined()
    ready.keep(BODY, QUESTION, 7, answerOf('x'.repeat(100_000)))
    expect(ready.find(BODY)).toBeUndefined()
  })

  it('forgets the answers of a dataset that has changed, and no others', () => {
    ready.keep(BODY, QUESTION, 7, answerOf('x'))
    ready.forget({ dataset: 'users' })
    expect(ready.find(BODY)).toBeDefined()
    ready.forget({ dataset: 'transactions' })
    expect(ready.find(BODY)).toBeUndefined()
  })
})
