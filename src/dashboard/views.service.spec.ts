import type { SchedulerRegistry } from '@nestjs/schedule'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Config } from '../config/config.js'
import type { DatasetVersions } from '../datasets/dataset-versions.js'
import type { ViewsRepository } from './views.repository.js'
import { ViewsService } from './views.service.js'

describe('ViewsService', () => {
  let shown: number
  let current: number
  const refresh = vi.fn()
  let service: ViewsService

  beforeEach(() => {
    vi.useFakeTimers()
    shown = current = 0
    refresh.mockReset().mockImplementation(async (version: number) => {
      await new Promise((done) => setTimeout(done, 100))
      shown = version
      return true
    })
    const views = {
      state: () => Promise.resolve({ datasetVersion: shown }),
      refresh,
      recordFailure: () => Promise.resolve(),
    }
    service = new ViewsService(
      views as unknown as ViewsRepository,
      { current: () => Promise.resolve({ version: current }) } as unknown as DatasetVersions,
      { addCronJob: vi.fn() } as unknown as SchedulerRegistry,
      new Config(),
    )
  })
  afterEach(async () => {
    await service.beforeApplicationShutdown()
    vi.useRealTimers()
  })

  const change = (): void => {
    current++
    service.datasetChanged({ dataset: 'transactions' })
  }

  it('refreshes once for changes that come together', async () => {
    for (let n = 0; n < 20; n++) change()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(shown).toBe(20)
  })

  it('follows changes that never stop, without refreshing all the time', async () => {
    for (let n = 0; n < 200; n++) {
      change()
      await vi.advanceTimersByTimeAsync(50)
    }
    // Ten seconds; a refresh takes a tenth of one, and the rest between two is four times as long.
    expect(refresh.mock.calls.length).toBeGreaterThan(2)
    expect(refresh.mock.calls.length).toBeLessThan(25)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(shown).toBe(200)
  })

  it('tries again after a failure, after longer and longer pauses', async () => {
    refresh.mockRejectedValue(new Error('ClickHouse is away'))
    change()
    await vi.advanceTimersByTimeAsync(60_000)
    const tries = refresh.mock.calls.length
    expect(tries).toBeGreaterThan(2)
    expect(tries).toBeLessThan(10)
    refresh.mockImplementation(async (version: number) => {
      shown = version
      return true
    })
    await vi.advanceTimersByTimeAsync(70_000)
    expect(shown).toBe(1)
  })
})
