import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Config } from '../config/config.js'
import { QuotaExceededError } from './auth.errors.js'
import { PrincipalQuota, accountOf } from './principal-quota.js'

/**
 * The live streams of every kind that a user (LIVE_STREAMS_PER_USER) and a key (LIVE_STREAMS_PER_KEY) may have open at this
 * process, so that one account cannot use them all up.
 */
@Injectable()
export class LiveStreamQuota {
  private readonly users: PrincipalQuota
  private readonly keys: PrincipalQuota

  constructor(config: Config) {
    this.users = new PrincipalQuota(config.liveStreamsPerUser)
    this.keys = new PrincipalQuota(config.liveStreamsPerKey)
  }

  /** Takes one until the connection or the response of `reply` closes; QuotaExceededError (429) when all are taken. */
  take({ raw, principal }: FastifyRequest, reply?: FastifyReply): () => void {
    const user = accountOf(principal!)
    const key = principal!.keyId
    if (!this.users.take(user)) throw tooMany('account', this.users.limit)
    if (key !== null && !this.keys.take(key)) {
      this.users.release(user)
      throw tooMany('key', this.keys.limit)
    }
    let isReleased = false
    const release = (): void => {
      if (isReleased) return
      isReleased = true
      this.users.release(user)
      if (key !== null) this.keys.release(key)
    }
    raw.socket.once('close', release)
    reply?.raw.once('close', release)
    // Closed before anybody listened.
    if (raw.socket.destroyed) release()
    return release
  }
}

function tooMany(who: string, limit: number): QuotaExceededError {
  return new QuotaExceededError(`This ${who} may have ${limit} live streams open at the same time: close one first.`)
}
