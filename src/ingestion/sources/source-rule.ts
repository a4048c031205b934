import type { OutboundRule } from '../../common/http/outbound-target.js'
import type { Config } from '../../config/config.js'

/** Where sources may read from. */
export function sourceRule({ sourcesAllowPrivate }: Config): OutboundRule {
  return { allowPrivate: sourcesAllowPrivate, setting: 'SOURCES_ALLOW_PRIVATE' }
}
