import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { EffectiveAccess } from '../auth/access/effective-access.js'
import { fingerprintOf } from './request-fingerprint.js'
import { hashOfSentKey, encryptResponse, decryptResponse, type SentKey } from './encrypted-response.js'

const sentKey = (more: Partial<SentKey> = {}): SentKey => ({
  principalId: randomUUID(),
  key: randomUUID(),
  fingerprint: Buffer.alloc(32, 1),
  ...more,
})

describe('an encrypted response', () => {
  const body = Buffer.from('{"apiKey":"ch_secret"}')

  it('opens with what it was encrypted with, and is never encrypted alike', async () => {
    const sent = sentKey()
    const encrypted = await encryptResponse(body, sent)
    expect(await decryptResponse(encrypted, sent)).toEqual(body)
    expect(encrypted.toString('latin1')).not.toContain('secret')
    expect(await encryptResponse(body, sent)).not.toEqual(encrypted)
  })

  it.each(['principalId', 'key', 'fingerprint'] as const)(
    'does not open with another %s, nor when changed',
    async (field) => {
      const sent = sentKey()
      const encrypted = await encryptResponse(body, sent)
      await expect(
        decryptResponse(encrypted, { ...sent, [field]: sentKey({ fingerprint: Buffer.alloc(32, 2) })[field] }),
      ).rejects.toThrow()
      encrypted[encrypted.length - 1]! ^= 1
      await expect(decryptResponse(encrypted, sent)).rejects.toThrow()
    },
  )

  it('has a key whose hash differs by caller', () => {
    const sent = sentKey()
    expect(hashOfSentKey(sent)).toHaveLength(32)
    expect(hashOfSentKey({ ...sent, principalId: randomUUID() })).not.toEqual(hashOfSentKey(sent))
  })
})

describe('the fingerprint of a request', () => {
  const request = (body: unknown, more = {}) =>
    ({ method: 'POST', url: '/v1/query', acceptedType: 'text/csv', body, ...more }) as unknown as FastifyRequest

  it('does not depend on the order of fields, and does on everything else', () => {
    const one = fingerprintOf(request({ a: { c: 1, d: [1, 2] }, b: null }))
    expect(fingerprintOf(request({ b: null, a: { d: [1, 2], c: 1 } }))).toEqual(one)
    const others = [
      request({ a: { c: 1, d: [2, 1] }, b: null }),
      request({ a: { c: '1', d: [1, 2] }, b: null }),
      request({ a: { c: 1, d: [1, 2] } }),
      request({ a: { c: 1, d: [1, 2] }, b: null }, { url: '/v1/orders' }),
    ]
    for (const other of others) expect(fingerprintOf(other)).not.toEqual(one)
    const access = EffectiveAccess.of({ datasets: {}, endpoints: [], dashboards: false })
    expect(fingerprintOf(request({ a: 1 }, { principal: { access } }))).not.toEqual(fingerprintOf(request({ a: 1 })))
    expect(fingerprintOf(request({ a: 1 }))).not.toEqual(
      fingerprintOf(request({ a: 1 }, { acceptedType: 'application/json' })),
    )
  })

  it('refuses a body that is nested too deep to be read', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(() => fingerprintOf(request(deep))).toThrow(/nested too deep/)
  })
})
