import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from './request-fingerprint.js'
import { hashOfSentKey, seal, unseal, type SentKey } from './sealed-answer.js'

const sentKey = (more: Partial<SentKey> = {}): SentKey => ({
  callerId: randomUUID(),
  key: randomUUID(),
  fingerprint: Buffer.alloc(32, 1),
  ...more,
})

describe('a sealed answer', () => {
  const body = Buffer.from('{"apiKey":"ch_secret"}')

  it('opens with what it was sealed with, and is never sealed alike', async () => {
    const sent = sentKey()
    const sealed = await seal(body, sent)
    expect(await unseal(sealed, sent)).toEqual(body)
    expect(sealed.toString('latin1')).not.toContain('secret')
    expect(await seal(body, sent)).not.toEqual(sealed)
  })

  it.each(['callerId', 'key', 'fingerprint'] as const)(
    'does not open with another %s, nor when changed',
    async (field) => {
      const sent = sentKey()
      const sealed = await seal(body, sent)
      await expect(
        unseal(sealed, { ...sent, [field]: sentKey({ fingerprint: Buffer.alloc(32, 2) })[field] }),
      ).rejects.toThrow()
      sealed[sealed.length - 1]! ^= 1
      await expect(unseal(sealed, sent)).rejects.toThrow()
    },
  )

  it('has a key whose hash differs by caller', () => {
    const sent = sentKey()
    expect(hashOfSentKey(sent)).toHaveLength(32)
    expect(hashOfSentKey({ ...sent, callerId: randomUUID() })).not.toEqual(hashOfSentKey(sent))
  })
})

describe('the fingerprint of a request', () => {
  const request = (body: unknown, more = {}) =>
    ({ method: 'POST', url: '/v1/query', headers: { accept: 'text/csv' }, body, ...more }) as unknown as FastifyRequest

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
    expect(fingerprintOf(request({ a: 1 }), ['accept'])).not.toEqual(
      fingerprintOf(request({ a: 1 }, { headers: {} }), ['accept']),
    )
  })

  it('refuses a body that is nested too deep to be read', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(() => fingerprintOf(request(deep))).toThrow(/nested too deep/)
  })
})
