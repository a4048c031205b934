import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Injectable } from '@nestjs/common'
import { requestOutbound, TargetRefusedError } from '../../common/http/outbound-request.js'
import { PrivateAddressError } from '../../common/http/public-address.js'
import { Config } from '../../config/config.js'
import { webhookRule } from '../webhook-rule.js'

export const SEND_TIMEOUT_MS = 10_000

/** How a try ended: a response with its status, or what kept it from coming. */
export interface Attempt {
  responseStatus: number | null
  error: string | null
}

/** POSTs what is signed already. It follows no redirect and reads no response; only the status counts. */
@Injectable()
export class WebhookSender {
  constructor(private readonly config: Config) {}

  /** Never rejects. */
  async send(url: string, body: string, headers: Record<string, string>): Promise<Attempt> {
    try {
      const responseStatus = await this.post(new URL(url), body, headers)
      const delivered = responseStatus >= 200 && responseStatus < 300
      return { responseStatus, error: delivered ? null : `the receiver responded with ${responseStatus}` }
    } catch (error) {
      return { responseStatus: null, error: reasonOf(error) }
    }
  }

  private async post(url: URL, body: string, headers: Record<string, string>): Promise<number> {
    const request = requestOutbound(url, webhookRule(this.config), {
      method: 'POST',
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Countinghouse',
        ...headers,
      },
    })
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
