import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hideSecret, redactApiKeys } from './redact-api-keys.js'

const SECRET = '0aZ'.repeat(14) + '9'
const KEY = `ch_${SECRET}`

describe('an API key in a text', () => {
  it.each([
    ['as it is', `/v1/${KEY}/x`, '/v1/ch_(hidden)/x'],
    ['with an encoded underscore', `/v1/ch%5F${SECRET}`, '/v1/ch_(hidden)'],
    ['with small hexadecimal digits', `/v1/ch%5f${SECRET}`, '/v1/ch_(hidden)'],
    ['with an encoded letter', `/%63h_${SECRET}`, '/ch_(hidden)'],
    ['encoded twice', `/ch%255F${SECRET}`, '/ch_(hidden)'],
    ['encoded three times', `/ch%25255F${SECRET}`, '/ch_(hidden)'],
    ['encoded whole', [...KEY].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''), 'ch_(hidden)'],
    ['with an encoded character of the secret', `ch_%30${SECRET.slice(1)}`, 'ch_(hidden)'],
    ['two of them', `${KEY},${KEY}`, 'ch_(hidden),ch_(hidden)'],
  ])('is hidden %s', (_, text, hidden) => {
    expect(redactApiKeys(text)).toBe(hidden)
  })

  it('is told from other texts', () => {
    for (const text of ['/v1/ch_short', '/v1/churches_and_more', 'ch_(hidden)', '%63%68_'])
      expect(redactApiKeys(text)).toBe(text)
  })
})

describe('a browser token in a text', () => {
  const TOKEN = `eyJhbGciOiJIUzI1NiIsImtpZCI6Il8tMCJ9.eyJqdGkiOiIwMTlhYTRjMi03YTNlIn0.${'x_-Y'.repeat(10)}abc`

  it.each([
    ['as it is', `/v1/${TOKEN}/x?a=1`, '/v1/(hidden token)/x?a=1'],
    ['with encoded dots', `/v1/${TOKEN.replaceAll('.', '%2E')}`, '/v1/(hidden token)'],
    ['with dots encoded twice', `/v1/${TOKEN.replaceAll('.', '%252e')}`, '/v1/(hidden token)'],
    ['encoded whole', [...TOKEN].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''), '(hidden token)'],
  ])('is hidden %s', (_, text, hidden) => {
    expect(redactApiKeys(text)).toBe(hidden)
  })

  it('is looked for in a time that grows with the text alone', () => {
    const began = performance.now()
    redactApiKeys('eyJ'.repeat(5_000) + '%2541'.repeat(2_000))
    redactApiKeys(`${'eyJhbGciOiJ.'.repeat(1_500)}`)
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})

it('a secret without a shape is hidden by its hash', () => {
  const rootKey = 'correct%horse~battery:staple'
  hideSecret(hash('sha256', rootKey, 'hex'))
  expect(redactApiKeys(`/v1/${rootKey}?a=b`)).toBe('/v1/(hidden)?a=b')
  expect(redactApiKeys(`/v1/${encodeURIComponent(rootKey)}`)).toBe('/v1/(hidden)')
  expect(redactApiKeys(`Unknown dataset "${rootKey}".`)).toBe('Unknown dataset "(hidden)".')
  expect(redactApiKeys('/v1/another-long-text-that-is-fine')).toBe('/v1/another-long-text-that-is-fine')
})
