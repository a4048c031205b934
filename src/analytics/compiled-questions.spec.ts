import { describe, expect, it } from 'vitest'
import { CompiledQuestions } from './compiled-questions.js'

const body = (limit: number) => ({ dataset: 'transactions', measures: ['transactions'], limit })

describe('CompiledQuestions', () => {
  it('compiles a question once, and another one by itself', () => {
    const questions = new CompiledQuestions()
    const first = questions.of(body(1))
    expect(questions.of(body(1))).toBe(first)
    expect(questions.of(body(2)).limit).toBe(2)
  })

  it('forgets what was not asked for longest', () => {
    const questions = new CompiledQuestions()
    const [first, second] = [questions.of(body(1)), questions.of(body(2))]
    for (let limit = 3; limit <= 2_000; limit++) questions.of(body(limit))
    expect(questions.of(body(1))).toBe(first)
    questions.of(body(2_001))
    expect(questions.of(body(1))).toBe(first)
    expect(questions.of(body(2))).not.toBe(second)
  })

  it('does not take a number without end for one that is not there', () => {
    const questions = new CompiledQuestions()
    const filtered = (limit: unknown) => ({ ...body(1), limit })
    expect(() => questions.of(filtered(Infinity))).toThrow()
    try {
      questions.of(filtered(null))
    } catch {
      // Whether null is taken is the reader's affair.
    }
    expect(() => questions.of(filtered(Infinity))).toThrow()
  })

  it('refuses a wrong question every time', () => {
    const questions = new CompiledQuestions()
    for (let n = 0; n < 2; n++) expect(() => questions.of({ dataset: 'nope' })).toThrow()
    expect(() => questions.of(undefined)).toThrow('JSON object')
  })
})
