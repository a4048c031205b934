import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../common/errors/app-error.js'
import { InstanceId } from '../common/instance-id.js'
import type { CreditsRepository } from './credits.repository.js'
import { CreditsService } from './credits.service.js'
import { DatabaseClock } from './credits-clock.js'

const chargeOf = (cost = 1, reserve = true) => ({
  userId: 'user',
  cost,
  requestId: 'request',
  reason: 'query',
  reserve,
})

function serviceWith(repository: Partial<Record<keyof CreditsRepository, unknown>>): CreditsService {
  return new CreditsService(repository as unknown as CreditsRepository, new DatabaseClock(), new InstanceId())
}

describe('CreditsService', () => {
  it('leaves a charge whose statement failed to the reconciler', async () => {
    const own = vi.fn(async () => [{ id: 'somebody else', userId: 'user' }])
    const charge = vi.fn(() => Promise.reject(new UnavailableError('down')))
    const service = serviceWith({ charge, own })
    await expect(service.charge(chargeOf())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await service.abandoned(15, 1e9)).toHaveLength(1)
  })

  it('gives back a charge without a reservation whose statement failed, for as long as that may still run', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const charge = vi.fn(() => Promise.reject(new UnavailableError('down')))
    const release = vi.fn(async () => [{ released: false, balance: 0 }])
    const service = serviceWith({ charge, release, own: async () => [] })
    await expect(service.charge(chargeOf(1, false))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    for (const laterMs of [0, 60_000, 40_000]) {
      vi.setSystemTime(Date.now() + laterMs)
      const abandoned = await service.abandoned(15, 1e9)
      expect(abandoned).toEqual([{ id: expect.any(String), userId: 'user', reserved: false }])
      await service.releaseAll(abandoned, 'no answer')
    }
    expect(await service.abandoned(15, 1e9)).toEqual([])
    vi.useRealTimers()
  })

  it('repeats the release of a charge without a reservation until it is known to be durable', async () => {
    const release = vi
      .fn()
      .mockRejectedValueOnce(new UnavailableError('down'))
      .mockResolvedValue([{ released: true, balance: 1 }])
    const service = serviceWith({ charge: async () => [{ charged: true, balance: 0 }], release, own: async () => [] })
    const { chargeId } = await service.charge(chargeOf(1, false))
    await expect(service.release(chargeId, 'gone')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await service.releaseAll(await service.abandoned(15, 1e9), 'gone')
    expect(await service.abandoned(15, 1e9)).toEqual([])
  })

  it('has nothing to settle of a charge without a reservation, and does not release it afterwards', async () => {
    const release = vi.fn()
    const repository = {
      charge: async () => [{ charged: true, balance: 0 }],
      release,
      reservation: async () => undefined,
    }
    const service = serviceWith(repository)
    const { chargeId } = await service.charge(chargeOf(1, false))
    expect(service.settle(chargeId)).toBeUndefined()
    expect(await service.release(chargeId, 'late')).toEqual({ balance: null })
    expect(release).not.toHaveBeenCalled()
  })

  it('does not take a charge for abandoned whose request is still running', async () => {
    let chargeId = ''
    const own = vi.fn(async () => [{ id: chargeId, userId: 'user' }])
    const service = serviceWith({ charge: async () => [{ charged: true, balance: 1 }], own, settle: async () => 1 })
    chargeId = (await service.charge(chargeOf())).chargeId
    expect(await service.abandoned(15, 1e9)).toEqual([])
    expect(await service.abandoned(15, -1)).toHaveLength(1)
    await service.settle(chargeId)
    expect(await service.abandoned(15, 1e9)).toHaveLength(1)
  })

  it('goes on settling until the database is back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const settle = vi.fn().mockRejectedValueOnce(new UnavailableError('down')).mockResolvedValue(1)
    const service = serviceWith({ charge: async () => [{ charged: true, balance: 1 }], settle })
    const { chargeId } = await service.charge(chargeOf())
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
    expect(await serviceWith({ charge }).charge(chargeOf())).toMatchObject({ balance: 4 })
  })

  it.each([-1, 0.5, NaN, Infinity])('refuses to charge %s', async (cost) => {
    await expect(serviceWith({}).charge(chargeOf(cost))).rejects.toThrow('cannot charge')
  })
})
