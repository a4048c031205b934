import { createHmac } from 'node:crypto'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { generateSecret } from '../webhook-secrets.js'
import { signedMessage, type Message } from './webhook-message.js'

const MESSAGE: Message = {
  id: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11',
  event: 'credits.low',
  data: '{"userId":"u","balance":9000000000000000,"threshold":2,"text":"Zürich \\u0000 😀"}',
  createdAt: new Date('2026-01-31T12:00:00.123Z'),
}

describe('a message by Standard Webhooks', () => {
  it('is verified by the reference library, with every byte of its data', () => {
    for (let time = 0; time < 50; time++) {
      const secret = generateSecret('standard')
      const { body, headers } = signedMessage('standard', MESSAGE, { current: secret }, new Date())
      const json = new Webhook(secret).verify(body, headers)
      expect(json).toEqual({
        type: 'credits.low',
        timestamp: '2026-01-31T12:00:00.123Z',
        data: JSON.parse(MESSAGE.data),
      })
    }
  })

  it('is not when a byte, the id, the time or the secret is another', () => {
    const secret = generateSecret('standard')
    const { body, headers } = signedMessage('standard', MESSAGE, { current: secret }, new Date())
    const late = signedMessage('standard', MESSAGE, { current: secret }, new Date(Date.now() - 600_000))
    for (const [by, text, head] of [
      [secret, body.replace('9', '8'), headers],
      [secret, body, { ...headers, 'webhook-id': 'another' }],
      [secret, body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) }],
      [secret, late.body, late.headers],
      [generateSecret('standard'), body, headers],
    ] as const)
      expect(() => new Webhook(by).verify(text, head)).toThrow(WebhookVerificationError)
  })

  it('is verified by either secret while they change', () => {
    const secrets = { current: generateSecret('standard'), previous: generateSecret('standard') }
    const { body, headers } = signedMessage('standard', MESSAGE, secrets, new Date())
    for (const secret of Object.values(secrets)) new Webhook(secret).verify(body, headers)
  })
})

it('a low-balance alert keeps its body and its header', () => {
  const secret = generateSecret('low-balance')
  expect(secret).toMatch(/^whsec_[\w-]{43}$/)
  const { body, headers } = signedMessage('low-balance', MESSAGE, { current: secret }, new Date(1_700_000_000_999))
  expect(body).toBe(
    '{"type":"credits.low","userId":"u","balance":9000000000000000,"threshold":2,"at":"2026-01-31T12:00:00.123Z"}',
  )
  const signature = createHmac('sha256', secret).update(`1700000000.${body}`).digest('hex')
  expect(headers).toEqual({
    'x-countinghouse-delivery': MESSAGE.id,
    'x-countinghouse-signature': `t=1700000000,v1=${signature}`,
  })
})
