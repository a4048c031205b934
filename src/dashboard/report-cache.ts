import { Injectable, Logger } from '@nestjs/common'
import { Cache } from '../infrastructure/cache/cache.js'
import type { RawJson } from '../common/decorators/raw-json-response.decorator.js'

/**
 * After so long a report is computed again although nobody told of a change, while who asks meanwhile gets the old one;
 * with TTL_MS it bounds what a change leaves behind that nobody could tell of.
 */
const FRESH_MS = 60_000
const TTL_MS = 2 * FRESH_MS

export interface CachedReport {
  json: RawJson
  hit: boolean
}

interface Entry {
  computedAt: number
  json: RawJson
}

/**
 * Reports by the version of what they show. A version is read before its report is computed, so that a report that
 * misses a change is kept under the version from before it, which nobody asks for any more.
 */
@Injectable()
export class ReportCache {
  private readonly logger = new Logger(ReportCache.name)
  private readonly computing = new Map<string, Promise<RawJson>>()

  constructor(private readonly cache: Cache) {}

  /** One computation at a time for each report, whoever asks meanwhile joins it. */
  async get(name: string, version: string, compute: () => Promise<RawJson>): Promise<CachedReport> {
    const key = `report:${name}:${version}`
    const known = entryOf(await this.cache.get(key))
    if (!known) return { json: await this.once(key, compute), hit: false }
    if (Date.now() - known.computedAt > FRESH_MS) this.renew(key, compute)
    return { json: known.json, hit: true }
  }

  private renew(key: string, compute: () => Promise<RawJson>): void {
    void this.once(key, compute).catch((error: unknown) => this.logger.warn(`${key} stays as it is: ${String(error)}`))
  }

  private once(key: string, compute: () => Promise<RawJson>): Promise<RawJson> {
    const running = this.computing.get(key)
    if (running) return running
    const started = this.computeAndKeep(key, compute).finally(() => this.computing.delete(key))
    this.computing.set(key, started)
    return started
  }

  private async computeAndKeep(key: string, compute: () => Promise<RawJson>): Promise<RawJson> {
    const json = await compute()
    await this.cache.set(key, Buffer.from(`${Date.now()} ${json}`), TTL_MS)
    return json
  }
}

/** Kept as the time, a blank, and the report. */
function entryOf(bytes: Buffer | undefined): Entry | undefined {
  if (!bytes) return undefined
  const text = bytes.toString()
  const blank = text.indexOf(' ')
  return { computedAt: Number(text.slice(0, blank)), json: text.slice(blank + 1) }
}
