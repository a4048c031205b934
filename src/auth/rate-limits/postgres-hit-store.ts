import { HitStore, type CountedHits, type Generation, type NewHits } from './hit-store.js'
import type { RateLimitGenerationsRepository } from './rate-limit-generations.repository.js'

/** In PostgreSQL: slower, and right whatever happens to Redis. */
export class PostgresHitStore extends HitStore {
  constructor(private readonly repository: RateLimitGenerationsRepository) {
    super()
  }

  override add(generation: Generation, hits: readonly NewHits[]): Promise<CountedHits[] | undefined> {
    return this.repository.add(generation, hits).catch(() => undefined)
  }
}
