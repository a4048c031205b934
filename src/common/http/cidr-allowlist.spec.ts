import { describe, expect, it } from 'vitest'
import { CidrAllowlist, isCidr } from './cidr-allowlist.js'

describe('isCidr', () => {
  it.each(['192.0.2.0/24', '192.0.2.1', '0.0.0.0/0', '2001:db8::/32', '::1', '::ffff:192.0.2.1/128'])(
    'accepts %s',
    (text) => {
      expect(isCidr(text)).toBe(true)
    },
  )

  it.each(['', 'x', '192.0.2.0/33', '192.0.2/24', '2001:db8::/129', '192.0.2.0/-1', '192.0.2.0/24/1', ' 192.0.2.1'])(
    'refuses %s',
    (text) => {
      expect(isCidr(text)).toBe(false)
    },
  )
})

describe('CidrAllowlist', () => {
  const list = new CidrAllowlist(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32'])

  it.each(['192.0.2.255', '198.51.100.7', '2001:db8:ffff::1', '::ffff:192.0.2.9'])('has %s', (address) => {
    expect(list.has(address)).toBe(true)
  })

  it.each(['192.0.3.0', '198.51.100.8', '2001:db9::1', '::ffff:192.0.3.9', 'x', ''])('has not %s', (address) => {
    expect(list.has(address)).toBe(false)
  })
})
