import { describe, expect, it } from 'vitest'
import { FailedAttempts, networkOf } from './failed-attempts.js'
import { MemoryRateLimitStorage } from './rate-limit-storage.js'

describe('FailedAttempts', () => {
  it('refuses an address above 60 failures a minute, until the minute is over', async () => {
    let nowMs = 0
    const failures = new FailedAttempts(new MemoryRateLimitStorage(() => nowMs))
    for (let n = 0; n < 60; n++) await failures.note('192.0.2.1')
    nowMs = 20_000
    await expect(failures.note('192.0.2.1')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      options: {
        headers: {
          'retry-after': '40',
          'ratelimit-limit': '60',
          'ratelimit-remaining': '0',
          'ratelimit-reset': '40',
        },
      },
    })
    await failures.note('192.0.2.2')
    nowMs = 60_000
    await failures.note('192.0.2.1')
  })
})

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::5:6:7:8:9', '1:0:0:5::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['nonsense', 'nonsense'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
