import { describe, expect, it, vi } from 'vitest'
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

  it('compiles a question of today again tomorrow', () => {
    vi.useFakeTimers({ now: Date.parse('2024-05-15T23:59:59.998Z') })
    try {
      const questions = new CompiledQuestions()
      const today = { ...body(1), timeDimension: { dimension: 'transaction_date', dateRange: 'today' } }
      const first = questions.of(today)
      expect(Object.values(first.params)).toEqual(['2024-05-15', '2024-05-15'])
      vi.advanceTimersByTime(1)
      expect(questions.of(today)).toBe(first)
      vi.advanceTimersByTime(1)
      expect(Object.values(questions.of(today).params)).toEqual(['2024-05-16', '2024-05-16'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses a wrong question every time', () => {
    const questions = new CompiledQuestions()
    for (let n = 0; n < 2; n++) expect(() => questions.of({ dataset: 'nope' })).toThrow()
    expect(() => questions.of(undefined)).toThrow('JSON object')
  })
})
