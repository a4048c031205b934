import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryCache } from '../infrastructure/cache/memory-cache.js'
import { ReportCache } from './report-cache.js'

describe('ReportCache', () => {
  let reports: ReportCache
  let computed: number
  let finish: (json: string) => void
  const compute = (): Promise<string> => {
    computed++
    return new Promise((done) => (finish = done))
  }
  const get = (version = 'v1') => reports.get('sales', version, compute)

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
    reports = new ReportCache(new MemoryCache())
    computed = 0
  })
  afterEach(() => vi.useRealTimers())

  async function kept(json: string): Promise<void> {
    const first = get()
    await vi.waitFor(() => expect(computed).toBe(1))
    finish(json)
    expect(await first).toEqual({ json, hit: false })
  }

  it('computes once for all who ask meanwhile, and not again', async () => {
    const asked = [get(), get(), get()]
    await vi.waitFor(() => expect(computed).toBe(1))
    finish('{"a":1}')
    expect(await Promise.all(asked)).toEqual(asked.map(() => ({ json: '{"a":1}', hit: false })))
    expect(await get()).toEqual({ json: '{"a":1}', hit: true })
    expect(computed).toBe(1)
  })

  it('gives the old report while one who comes after a minute has it computed again', async () => {
    await kept('old')
    vi.advanceTimersByTime(61_000)
    expect(await Promise.all([get(), get()])).toEqual([
      { json: 'old', hit: true },
      { json: 'old', hit: true },
    ])
    expect(computed).toBe(2)
    finish('new')
    await vi.waitFor(async () => expect(await get()).toEqual({ json: 'new', hit: true }))
    expect(computed).toBe(2)
  })

  it('gives no report of another version', async () => {
    await kept('old')
    const changed = get('v2')
    await vi.waitFor(() => expect(computed).toBe(2))
    finish('changed')
    expect(await changed).toEqual({ json: 'changed', hit: false })
  })

  it('keeps the old report when computing it again fails', async () => {
    await kept('old')
    vi.advanceTimersByTime(61_000)
    const failing = vi.fn(() => Promise.reject(new Error('the database is away')))
    expect(await reports.get('sales', 'v1', failing)).toEqual({ json: 'old', hit: true })
    await vi.waitFor(() => expect(failing).toHaveBeenCalled())
    expect(await reports.get('sales', 'v1', failing)).toEqual({ json: 'old', hit: true })
  })
})
