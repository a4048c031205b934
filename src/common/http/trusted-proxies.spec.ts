import { describe, expect, it } from 'vitest'
import { isTrustProxySetting, keepForwardedAddresses, trustProxyOf } from './trusted-proxies.js'

describe('TRUST_PROXY', () => {
  it.each(['0', '1', '2', '32', '10.0.0.0/8', '10.0.0.0/8, ::1', '127.0.0.1 fd00::/8'])('takes %s', (text) => {
    expect(isTrustProxySetting(text)).toBe(true)
  })

  it.each(['true', 'false', 'yes', '33', '-1', '1.5', '10.0.0.0/33', 'loopback', '10.0.0.0/8,proxy', true])(
    'refuses %s',
    (text) => {
      expect(isTrustProxySetting(text)).toBe(false)
    },
  )

  it('believes as many hops as it says', () => {
    expect(trustProxyOf('0')).toBe(false)
    const trust = trustProxyOf('2') as (address: string, hop: number) => boolean
    expect([0, 1, 2].map((hop) => trust('203.0.113.1', hop))).toEqual([true, true, false])
  })

  it('believes hops of its networks', () => {
    const trust = trustProxyOf('10.0.0.0/8, ::1') as (address: string, hop: number) => boolean
    const addresses = ['10.1.2.3', '::ffff:10.1.2.3', '::1', '203.0.113.1', 'proxy', '']
    expect(addresses.map((address) => trust(address, 0))).toEqual([true, true, true, false, false, false])
  })
})

describe('X-Forwarded-For', () => {
  it.each([
    ['203.0.113.1', '203.0.113.1'],
    ['198.51.100.7, 203.0.113.1', '198.51.100.7, 203.0.113.1'],
    ['203.0.113.1:51000, [2001:db8::1]:443', '203.0.113.1, 2001:db8::1'],
    ['<script>, 203.0.113.1', '203.0.113.1'],
    ['198.51.100.7, unknown, 203.0.113.1', '203.0.113.1'],
    ['203.0.113.1, ', undefined],
    ['999.1.1.1', undefined],
    ['', undefined],
  ])('%j is kept as %j', (sent, kept) => {
    const headers: Record<string, string | undefined> = { 'x-forwarded-for': sent }
    keepForwardedAddresses(headers)
    expect(headers['x-forwarded-for']).toBe(kept)
  })
})
