import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CompiledQuery } from '../compiler/compiler.js'
import { PreparedResponses } from './prepared-responses.js'
import type { ResponseFacts } from './response-template.js'

const QUERY = { dataset: { name: 'transactions' } } as CompiledQuery

const responseOf =
  (data: string) =>
  ({ id, elapsedMs, charged, remaining }: ResponseFacts): Buffer =>
    Buffer.from(
      `{"data":"${data}","id":"${id}","elapsedMs":${elapsedMs},"charged":${charged},"remaining":${remaining}}`,
    )

describe('PreparedResponses', () => {
  let prepared: PreparedResponses
  beforeEach(() => {
    vi.useFakeTimers()
    prepared = new PreparedResponses(60_000)
  })
  afterEach(() => vi.useRealTimers())

  it('finds the response to a query at its version, for ten seconds', () => {
    prepared.keep(QUERY, 7, responseOf('x'))
    expect(prepared.find(QUERY, 7)![0]).toContain('x')
    expect(prepared.find(QUERY, 8)).toBeUndefined()
    expect(prepared.find({ ...QUERY }, 7)).toBeUndefined()
    vi.advanceTimersByTime(10_000)
    expect(prepared.find(QUERY, 7)).toBeUndefined()
  })

  it('replaces a response of another version', () => {
    prepared.keep(QUERY, 7, responseOf('old'))
    prepared.keep(QUERY, 8, responseOf('new'))
    expect(prepared.find(QUERY, 7)).toBeUndefined()
    expect(prepared.find(QUERY, 8)![0]).toContain('new')
  })

  it('keeps a response no longer than its query means the same', () => {
    const query = { ...QUERY, validUntil: Date.now() + 2_000 }
    prepared.keep(query, 7, responseOf('x'))
    vi.advanceTimersByTime(1_999)
    expect(prepared.find(query, 7)).toBeDefined()
    vi.advanceTimersByTime(1)
    expect(prepared.find(query, 7)).toBeUndefined()
  })

  it('keeps none that contains its age, and none that is long', () => {
    const explained = { ...QUERY, explain: true }
    prepared.keep(explained, 7, responseOf('x'))
    expect(prepared.find(explained, 7)).toBeUndefined()
    prepared.keep(QUERY, 7, responseOf('x'.repeat(100_000)))
    expect(prepared.find(QUERY, 7)).toBeUndefined()
  })
})
