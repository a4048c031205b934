import { describe, expect, it, vi } from 'vitest'
import type { Generation, NewHits } from './hit-store.js'
import type { RateLimitGenerationsRepository, GenerationState } from './rate-limit-generations.repository.js'
import type { RedisHitStore } from './redis-hit-store.js'
import { SharedRateLimitStorage } from './shared-rate-limit-storage.js'

/** Answers of the stores as they come from a machine on which everything may be late; the counts are those of the contract. */
function storageWithLateAnswers() {
  const late = { ms: 0 }
  let state: GenerationState = { number: 1, store: 'postgres', token: 't', instances: 1, behind: 0 }
  const counts = new Map<string, number>()
  const endsAtMs = performance.now() + 60_000
  const repository = {
    signAndRead: async () => ({ ...state }),
    follow: async () => undefined,
    add: async ({ number }: Generation, hits: readonly NewHits[]) => {
      const answer = hits.map(({ bucket, count }) => {
        const key = `${number} ${bucket}`
        counts.set(key, (counts.get(key) ?? 0) + count)
        return { total: counts.get(key)!, endsInMs: endsAtMs - performance.now() }
      })
      await vi.advanceTimersByTimeAsync(late.ms)
      return answer
    },
  }
  const redis = { onConnectionLost: () => undefined } as unknown as RedisHitStore
  const storage = new SharedRateLimitStorage(repository as unknown as RateLimitGenerationsRepository, redis)
  const move = () => {
    state = { ...state, number: state.number + 1 }
    storage.generationChanged()
  }
  return { storage, late, move }
}

describe('SharedRateLimitStorage', () => {
  it('does not take a late answer for one about another window: nothing is forgotten when counts move', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'Date'] })
    try {
      const { storage, late, move } = storageWithLateAnswers()
      const hit = async () => (await storage.increment('key', 60_000, 60, 60_000, 'queries')).totalHits
      expect(await hit()).toBe(1)
      late.ms = 1_500
      expect(await hit()).toBe(2)
      late.ms = 0
      expect(await hit()).toBe(3)
      move()
      await vi.advanceTimersByTimeAsync(100)
      expect(await hit()).toBe(4)
    } finally {
      vi.useRealTimers()
    }
  })
})
