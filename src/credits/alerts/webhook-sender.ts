import { once } from 'node:events'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Injectable } from '@nestjs/common'
import { Config } from '../../config/config.js'
import { PrivateAddressError, publicLookup } from './public-address.js'
import { signatureOf } from './webhook-signature.js'
import { PRIVATE_TARGET, targetProblem } from './webhook-target.js'

export const SEND_TIMEOUT_MS = 10_000

export interface Webhook {
  /** the same with every try, so that a receiver can tell a repetition */
  deliveryId: string
  url: string
  secret: string
  body: string
}

/** How a try ended: an answer with its status, or what kept it from coming. */
export interface Attempt {
  responseStatus: number | null
  error: string | null
}

/** The URL is none that webhooks may go to. */
class TargetRefusedError extends Error {
  constructor(problem: string) {
    super(`the URL ${problem}`)
  }
}

/** POSTs a signed webhook. It follows no redirect and reads no answer; only the status counts. */
@Injectable()
export class WebhookSender {
  constructor(private readonly config: Config) {}

  /** Never rejects. */
  async send(webhook: Webhook): Promise<Attempt> {
    try {
      const responseStatus = await this.post(new URL(webhook.url), webhook)
      const delivered = responseStatus >= 200 && responseStatus < 300
      return { responseStatus, error: delivered ? null : `the receiver responded with ${responseStatus}` }
    } catch (error) {
      return { responseStatus: null, error: reasonOf(error) }
    }
  }

  private async post(url: URL, { deliveryId, secret, body }: Webhook): Promise<number> {
    // Again, because it may have been stored under other settings; and Node looks up no address that the URL holds itself.
    const problem = targetProblem(url, this.config.webhookAllowPrivate)
    if (problem === PRIVATE_TARGET) throw new PrivateAddressError()
    if (problem) throw new TargetRefusedError(problem)
    const options: RequestOptions = {
      method: 'POST',
      // A connection of its own: one kept open would be used again without a look at the address.
      agent: false,
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Countinghouse',
        'x-countinghouse-delivery': deliveryId,
        'x-countinghouse-signature': signatureOf(body, secret, new Date()),
      },
      ...(!this.config.webhookAllowPrivate && { lookup: publicLookup }),
    }
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options)
    request.end(body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => undefined)
    response.destroy()
    return response.statusCode!
  }
}

function reasonOf(error: unknown): string {
  const { name, code, message } = error as NodeJS.ErrnoException
  if (error instanceof PrivateAddressError || error instanceof TargetRefusedError) return message
  if (name === 'TimeoutError' || code === 'ABORT_ERR') return `no response within ${SEND_TIMEOUT_MS / 1000} s`
  return code ?? 'the connection failed'
}
