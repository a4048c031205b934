import { Injectable } from '@nestjs/common'
import { Cache } from '../cache/cache.js'
import type { JsonText } from '../database/json-table.js'

/** Bounds what a process that was killed before it could tell of a change leaves behind. */
const TTL_MS = 60_000

export interface CachedReport {
  json: JsonText
  hit: boolean
}

/**
 * Reports by the version of what they show. A version is read before its report is computed, so that a report that
 * misses a change is kept under the version from before it, which nobody asks for any more.
 */
@Injectable()
export class ReportCache {
  private readonly computing = new Map<string, Promise<JsonText>>()

  constructor(private readonly cache: Cache) {}

  /** One computation at a time for each report, whoever asks meanwhile joins it. */
  async get(name: string, version: string, compute: () => Promise<JsonText>): Promise<CachedReport> {
    const key = `report:${name}:${version}`
    const known = await this.cache.get(key)
    if (known) return { json: known.toString(), hit: true }
    let running = this.computing.get(key)
    if (!running) {
      running = this.computeAndKeep(key, compute).finally(() => this.computing.delete(key))
      this.computing.set(key, running)
    }
    return { json: await running, hit: false }
  }

  private async computeAndKeep(key: string, compute: () => Promise<JsonText>): Promise<JsonText> {
    const json = await compute()
    await this.cache.set(key, Buffer.from(json), TTL_MS)
    return json
  }
}
