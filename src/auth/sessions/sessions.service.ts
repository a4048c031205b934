import { hash, randomBytes } from 'node:crypto'
import { Injectable, Logger } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { hashOfKey } from '../api-keys/api-key.js'
import { ExpiringCache } from '../../common/expiring-cache.js'
import { SessionsRepository } from './sessions.repository.js'

export const SESSION_SECONDS = 12 * 3600
/** Of one key; signing in once more ends the oldest. */
const MAX_SESSIONS = 50
/** As for keys: signing out holds on every instance within this time. */
const CACHE_TTL_MS = 700
const CACHE_MAX_SESSIONS = 20_000
const HOUR_MS = 3_600_000

export interface SessionToken {
  token: string
  expiresAt: Date
}

/** Browsers that are signed in with a key. The key itself is nowhere kept: a session leads to its hash. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger('Sessions')
  private readonly keyHashes = new ExpiringCache<string | undefined>({
    ttlMs: CACHE_TTL_MS,
    maxEntries: CACHE_MAX_SESSIONS,
  })

  constructor(private readonly sessions: SessionsRepository) {}

  /** For a key that was found to be good. */
  async start(key: string): Promise<SessionToken> {
    const token = randomBytes(32).toString('base64url')
    const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1_000)
    await this.sessions.insert({ hash: hashOfSession(token), keyHash: hashOfKey(key), expiresAt }, MAX_SESSIONS)
    return { token, expiresAt }
  }

  /** SHA-256, in hex, of the key behind a live session. */
  keyHashOf(token: string): Promise<string | undefined> {
    return this.keyHashOfSession(hashOfSession(token))
  }

  /** As keyHashOf, for the hash of the token. */
  keyHashOfSession(sessionHash: string): Promise<string | undefined> {
    return this.keyHashes.get(sessionHash, () => this.sessions.keyHashOf(sessionHash))
  }

  async end(token: string): Promise<void> {
    await this.sessions.delete(hashOfSession(token))
    this.keyHashes.clear()
  }

  @Interval(HOUR_MS)
  async deleteExpired(): Promise<void> {
    await this.sessions.deleteExpired().catch((error: unknown) => this.logger.warn(`old sessions: ${String(error)}`))
  }
}

/** In hex. */
export function hashOfSession(token: string): string {
  return hash('sha256', token, 'hex')
}
