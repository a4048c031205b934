import { Injectable } from '@nestjs/common'
import { randomUUID } from 'node:crypto'
import { Cache } from '../infrastructure/cache/cache.js'

const KEY = 'report-version:catalog'
const TTL_MS = 24 * 3600_000

/** The token under which reports on the order side are cached, shared by all instances; every change there replaces it. */
@Injectable()
export class CatalogVersion {
  private attempts = 0
  private lastFailed = -1
  private lastReplaced = 0

  constructor(private readonly cache: Cache) {}

  /** undefined while a change could not be told to the cache: what it holds may be from before that change. */
  async current(): Promise<string | undefined> {
    if (this.isBehind) await this.replace()
    return this.isBehind ? undefined : this.known()
  }

  async replace(): Promise<void> {
    const attempt = ++this.attempts
    const version = randomUUID()
    await this.cache.set(KEY, Buffer.from(version), TTL_MS)
    // A cache out of reach keeps the old version. Another instance's newer one is as good, and only replaced once more.
    if ((await this.cache.get(KEY))?.toString() === version) this.lastReplaced = Math.max(this.lastReplaced, attempt)
    else this.lastFailed = this.attempts
  }

  /** Only an attempt that began after the last failure makes up for it. */
  private get isBehind(): boolean {
    return this.lastReplaced <= this.lastFailed
  }

  private async known(): Promise<string> {
    const known = await this.cache.get(KEY)
    if (known) return known.toString()
    const version = randomUUID()
    await this.cache.set(KEY, Buffer.from(version), TTL_MS)
    return version
  }
}
