import { deserialize, serialize } from 'node:v8'
import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Cache } from '../infrastructure/cache/cache.js'
import { Notifications } from '../infrastructure/database/notifications.js'
import type { UserEntity } from './user.entity.js'
import { USER_CHANGES_CHANNEL } from './user-changes.repository.js'

/** Bounds how long a missed change can be seen. */
const TTL_MS = 10_000

/**
 * Single accounts, as they are stored: a sealed email stays sealed here too. The database tells every instance who has
 * changed; while it cannot, nothing is read from the cache, nor for as long afterwards as an old entry may live.
 * Balances are not kept: they change with every query.
 */
@Injectable()
export class UserCache implements OnModuleInit {
  private readonly loading = new Map<string, { user: Promise<UserEntity | null>; stale: boolean }>()

  constructor(
    private readonly cache: Cache,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.notifications.listen(USER_CHANGES_CHANNEL, (ids) => void this.forget(...ids.split(',')))
  }

  /** The user from the cache, else from `load`; askers who come together share one load. */
  async get(id: string, load: () => Promise<UserEntity | null>): Promise<UserEntity | null> {
    if (!this.notifications.isListening(TTL_MS)) return load()
    const known = await this.cache.get(keyOf(id))
    if (known) return deserialize(known) as UserEntity
    return (this.loading.get(id) ?? this.startLoading(id, load)).user
  }

  /** Users that have changed. What is being loaded meanwhile may be as it was before, and is not kept. */
  async forget(...ids: string[]): Promise<void> {
    for (const id of ids) {
      const current = this.loading.get(id)
      if (current) current.stale = true
      this.loading.delete(id)
    }
    await Promise.all(ids.map((id) => this.cache.delete(keyOf(id))))
  }

  private startLoading(
    id: string,
    load: () => Promise<UserEntity | null>,
  ): { user: Promise<UserEntity | null>; stale: boolean } {
    const entry = { user: load(), stale: false }
    this.loading.set(id, entry)
    entry.user
      .then((user) => (user && !entry.stale ? this.cache.set(keyOf(id), serialize(user), TTL_MS) : undefined))
      .catch(() => undefined)
      .finally(() => this.loading.get(id) === entry && this.loading.delete(id))
    return entry
  }
}

function keyOf(id: string): string {
  return `user:${id}`
}
