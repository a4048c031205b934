import { describe, expect, it, vi } from 'vitest'
import { DatabaseClock } from '../credits/credits-clock.js'
import { PlanRenewals } from './plan-renewals.js'
import type { PlansRepository } from './plans.repository.js'

function renewals(renewDue: () => Promise<number>): PlanRenewals {
  return new PlanRenewals({ renewDue } as unknown as PlansRepository, new DatabaseClock())
}

describe('PlanRenewals', () => {
  it('takes batches until one is not full', async () => {
    const renewDue = vi.fn().mockResolvedValueOnce(500).mockResolvedValueOnce(500).mockResolvedValueOnce(12)
    await renewals(renewDue).tick()
    expect(renewDue).toHaveBeenCalledTimes(3)
    expect(renewDue).toHaveBeenCalledWith(500, null)
  })

  it('does one round at a time, and another after one that failed', async () => {
    let fail = (_error: Error): void => undefined
    const renewDue = vi.fn(() => new Promise<number>((_resolve, reject) => (fail = reject)))
    const plans = renewals(renewDue)
    const first = plans.tick()
    await plans.tick()
    expect(renewDue).toHaveBeenCalledTimes(1)
    fail(new Error('the database is away'))
    await first
    renewDue.mockResolvedValueOnce(0)
    await plans.tick()
    expect(renewDue).toHaveBeenCalledTimes(2)
  })

  it('begins no round after the stop, which waits for the one that runs', async () => {
    let finish = (_users: number): void => undefined
    const renewDue = vi.fn(() => new Promise<number>((resolve) => (finish = resolve)))
    const plans = renewals(renewDue)
    const running = plans.tick()
    const stopped = plans.onApplicationShutdown()
    finish(500)
    await Promise.all([running, stopped])
    await plans.tick()
    expect(renewDue).toHaveBeenCalledTimes(1)
  })
})
