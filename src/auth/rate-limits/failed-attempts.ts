import { isIPv6 } from 'node:net'
import { Inject, Injectable } from '@nestjs/common'
import { ThrottlerStorage } from '@nestjs/throttler'
import { withoutIpv4Mapping } from '../../common/http/cidr-allowlist.js'
import { RateLimitedError } from '../auth.errors.js'

const WINDOW_MS = 60_000
const MAX_FAILURES_PER_MINUTE = 60

/**
 * Counts failed authentications per address in windows of a minute, with Redis over all instances. Only failing attempts
 * are ever refused for it: a valid key passes from any address, so nobody can lock a customer out from behind the same NAT.
 */
@Injectable()
export class FailedAttempts {
  constructor(@Inject(ThrottlerStorage) private readonly storage: ThrottlerStorage) {}

  /** Notes a failure; RateLimitedError when there were too many. */
  async note(address: string): Promise<void> {
    const network = networkOf(address)
    const hit = await this.storage.increment(network, WINDOW_MS, MAX_FAILURES_PER_MINUTE, WINDOW_MS, 'failures')
    if (hit.totalHits <= MAX_FAILURES_PER_MINUTE) return
    throw new RateLimitedError('Too many invalid API keys from this address; wait a minute, then send a valid one.', {
      limit: MAX_FAILURES_PER_MINUTE,
      resetSeconds: hit.timeToExpire,
    })
  }
}

/** Who has one IPv6 address has the 2^64 of its network, so they count as one. */
export function networkOf(address: string): string {
  const plain = withoutIpv4Mapping(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('%')[0]!.split('::')
  const groups = head.split(':').filter(Boolean)
  if (tail !== undefined) {
    const behind = tail.split(':').filter(Boolean)
    // An IPv4 address at the end stands for two groups.
    const length = behind.length + (behind.at(-1)?.includes('.') ? 1 : 0)
    while (groups.length + length < 8) groups.push('0')
    groups.push(...behind)
  }
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${first.join(':')}::/64`
}
