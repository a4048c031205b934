import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../common/app-error.js'
import type { CreditsRepository } from './credits.repository.js'
import { CreditsService } from './credits.service.js'
import { DatabaseClock } from './credits.types.js'

const question = (cost = 1) => ({ userId: 'user', cost, requestId: 'request', reason: 'query', reserve: true })

function serviceWith(repository: Partial<Record<keyof CreditsRepository, unknown>>): CreditsService {
  return new CreditsService(repository as unknown as CreditsRepository, new DatabaseClock())
}

describe('CreditsService', () => {
  it('leaves a charge whose statement failed to the reconciler', async () => {
    const own = vi.fn(async () => [{ id: 'somebody else', userId: 'user' }])
    const charge = vi.fn(() => Promise.reject(new UnavailableError('down')))
    const service = serviceWith({ charge, own })
    await expect(service.charge(question())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await service.abandoned(15, 1e9)).toHaveLength(1)
  })

  it('does not take a charge for abandoned whose request is still running', async () => {
    let chargeId = ''
    const own = vi.fn(async () => [{ id: chargeId, userId: 'user' }])
    const service = serviceWith({ charge: async () => [{ charged: true, balance: 1 }], own, settle: async () => 1 })
    chargeId = (await service.charge(question())).chargeId
    expect(await service.abandoned(15, 1e9)).toEqual([])
    expect(await service.abandoned(15, -1)).toHaveLength(1)
    await service.settle(chargeId)
    expect(await service.abandoned(15, 1e9)).toHaveLength(1)
  })

  it('goes on settling until the database is back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const settle = vi.fn().mockRejectedValueOnce(new UnavailableError('down')).mockResolvedValue(1)
    const service = serviceWith({ charge: async () => [{ charged: true, balance: 1 }], settle })
    const { chargeId } = await service.charge(question())
    const settled = service.settle(chargeId)
    await vi.waitFor(() => expect(settle).toHaveBeenCalledTimes(1))
    await vi.advanceTimersByTimeAsync(1000)
    await settled
    expect(settle).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
  })

  it('tries a batch again that was the victim of a deadlock', async () => {
    const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' })
    const charge = vi
      .fn()
      .mockRejectedValueOnce(deadlock)
      .mockResolvedValue([{ charged: true, balance: 4 }])
    expect(await serviceWith({ charge }).charge(question())).toMatchObject({ balance: 4 })
  })

  it.each([-1, 0.5, NaN, Infinity])('refuses to charge %s', async (cost) => {
    await expect(serviceWith({}).charge(question(cost))).rejects.toThrow('cannot charge')
  })
})
