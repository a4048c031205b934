import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { register } from 'prom-client'
import { UnavailableError } from '../common/errors/app-error.js'
import type { LogPartitionsService } from './log-partitions.service.js'
import type { LogRow, RequestLogRepository } from './request-log.repository.js'
import { RequestLogService } from './request-log.service.js'

const row = (id: number) => ({ id: String(id), timestamp: new Date() }) as LogRow
const droppedRows = async () =>
  (await register.getSingleMetric('countinghouse_request_log_dropped_total')!.get()).values[0]!.value

describe('RequestLogService', () => {
  let insert: ReturnType<typeof vi.fn<RequestLogRepository['insert']>>
  let ensureFor: ReturnType<typeof vi.fn>
  let log: RequestLogService

  beforeEach(() => {
    vi.useFakeTimers()
    register.clear()
    insert = vi.fn(async () => undefined)
    ensureFor = vi.fn(async () => undefined)
    log = new RequestLogService(
      { insert } as unknown as RequestLogRepository,
      { ensureFor } as unknown as LogPartitionsService,
    )
    log.onModuleInit()
  })
  afterEach(() => vi.useRealTimers())

  const written = () => insert.mock.calls.map(([rows]) => rows.length)

  it('writes what came within a quarter of a second in one batch', async () => {
    for (let n = 0; n < 10; n++) log.add(row(n))
    await vi.advanceTimersByTimeAsync(249)
    expect(written()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(written()).toEqual([10])
  })

  it('writes 500 rows at once without waiting', async () => {
    for (let n = 0; n < 750; n++) log.add(row(n))
    await vi.advanceTimersByTimeAsync(0)
    expect(written()).toEqual([500, 250])
  })

  it('keeps rows while PostgreSQL is away, in order, and writes them when it is back', async () => {
    insert.mockRejectedValueOnce(new UnavailableError('down')).mockRejectedValueOnce(new UnavailableError('down'))
    log.add(row(1))
    await vi.advanceTimersByTimeAsync(250)
    log.add(row(2))
    await vi.advanceTimersByTimeAsync(2000)
    expect(insert.mock.lastCall![0].map(({ id }) => id)).toEqual(['1', '2'])
    log.add(row(3))
    await vi.advanceTimersByTimeAsync(250)
    // Those that were sent before may have been stored; those that came after the outage were not.
    expect(insert.mock.calls.map(([, { mayBeThere }]) => mayBeThere)).toEqual([false, true, true, false])
    expect(await droppedRows()).toBe(0)
  })

  it('counts what the buffer cannot hold', async () => {
    insert.mockRejectedValue(new UnavailableError('down'))
    for (let n = 0; n < 50_600; n++) log.add(row(n))
    await vi.advanceTimersByTimeAsync(0)
    expect(await droppedRows()).toBe(600)
  })

  it('counts a row that PostgreSQL refuses, and writes all others', async () => {
    const stored: string[] = []
    insert.mockImplementation(async (rows) => {
      if (rows.some(({ id }) => id === '333')) throw Object.assign(new Error('bad'), { code: '22021' })
      stored.push(...rows.map(({ id }) => id))
    })
    for (let n = 0; n < 600; n++) log.add(row(n))
    await vi.advanceTimersByTimeAsync(250)
    expect(stored).toEqual(Array.from({ length: 600 }, (_, n) => String(n)).filter((id) => id !== '333'))
    expect(await droppedRows()).toBe(1)
  })

  it('waits where the database, not the rows, is at fault', async () => {
    insert.mockRejectedValueOnce(Object.assign(new Error('disk full'), { code: '53100' }))
    for (let n = 0; n < 3; n++) log.add(row(n))
    await vi.advanceTimersByTimeAsync(250)
    await vi.advanceTimersByTimeAsync(1000)
    expect(written()).toEqual([3, 3])
    expect(await droppedRows()).toBe(0)
  })

  it('makes a missing partition and writes again', async () => {
    insert.mockRejectedValueOnce(Object.assign(new Error('no partition'), { code: '23514' }))
    log.add(row(1))
    await vi.advanceTimersByTimeAsync(250)
    expect(ensureFor).toHaveBeenCalledTimes(1)
    expect(written()).toEqual([1, 1])
    expect(await droppedRows()).toBe(0)
  })

  it('writes what is left at shutdown, and does not wait for a database that is away', async () => {
    log.add(row(1))
    await log.onApplicationShutdown()
    expect(written()).toEqual([1])
    insert.mockRejectedValue(new UnavailableError('down'))
    log.add(row(2))
    await log.onApplicationShutdown()
    expect(await droppedRows()).toBe(1)
  })
})
