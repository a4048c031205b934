import { createHmac } from 'node:crypto'
import type { Secrets } from '../webhook-secrets.js'
import type { WebhookKind } from '../webhook.entity.js'

/** An event for one receiver; the same with every try. */
export interface Message {
  /** of the delivery, so that a receiver can tell a repetition */
  id: string
  event: string
  /** JSON text */
  data: string
  createdAt: Date
}

interface Scheme {
  bodyOf: (message: Message) => string
  headersOf: (message: Message, body: string, secrets: Secrets, at: Date) => Record<string, string>
}

const SCHEMES: Record<WebhookKind, Scheme> = {
  standard: { bodyOf: standardBody, headersOf: standardHeaders },
  'low-balance': { bodyOf: lowBalanceBody, headersOf: lowBalanceHeaders },
}

/** What is sent at this moment: the body, which no try changes, and the headers that sign it. */
export function signedMessage(
  kind: WebhookKind,
  message: Message,
  secrets: Secrets,
  at: Date,
): { body: string; headers: Record<string, string> } {
  const { bodyOf, headersOf } = SCHEMES[kind]
  const body = bodyOf(message)
  return { body, headers: headersOf(message, body, secrets, at) }
}

function standardBody({ event, data, createdAt }: Message): string {
  return `{"type":${JSON.stringify(event)},"timestamp":"${createdAt.toISOString()}","data":${data}}`
}

/** https://www.standardwebhooks.com: one signature for each secret that holds. */
function standardHeaders({ id }: Message, body: string, secrets: Secrets, at: Date): Record<string, string> {
  const seconds = secondsOf(at)
  const signatureBy = (secret: string): string => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  }
  const holding = [secrets.current, secrets.previous].filter((secret) => secret !== undefined)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': holding.map(signatureBy).join(' '),
  }
}

function lowBalanceBody({ event, data, createdAt }: Message): string {
  const { userId, balance, threshold } = JSON.parse(data) as Record<string, unknown>
  return JSON.stringify({ type: event, userId, balance, threshold, at: createdAt.toISOString() })
}

function lowBalanceHeaders({ id }: Message, body: string, { current }: Secrets, at: Date): Record<string, string> {
  const seconds = secondsOf(at)
  const signature = createHmac('sha256', current).update(`${seconds}.${body}`).digest('hex')
  return { 'x-countinghouse-delivery': id, 'x-countinghouse-signature': `t=${seconds},v1=${signature}` }
}

function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
