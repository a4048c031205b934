import type { OutboundRule } from '../common/http/outbound-target.js'
import type { Config } from '../config/config.js'

/** Where webhooks may go. */
export function webhookRule({ webhookAllowPrivate }: Config): OutboundRule {
  return { allowPrivate: webhookAllowPrivate, setting: 'WEBHOOK_ALLOW_PRIVATE' }
}
