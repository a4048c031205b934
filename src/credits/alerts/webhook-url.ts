import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ValidationError } from '../../common/errors/app-error.js'
import { isPublicAddress } from './public-address.js'
import { hostOf, PRIVATE_TARGET, targetProblem } from './webhook-target.js'

/**
 * The URL in its normal form (`http://0x7f.1` is `http://127.0.0.1/`). ValidationError when it is none that webhooks may
 * go to. A name that cannot be looked up right now passes: every delivery checks the address again.
 */
export async function checkedWebhookUrl(text: string, allowPrivate: boolean): Promise<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw refusal('must be a URL with http or https')
  const problem = targetProblem(url, allowPrivate)
  if (problem) throw refusal(problem)
  if (!allowPrivate && !(await leadsOutside(hostOf(url)))) throw refusal(PRIVATE_TARGET)
  url.hash = ''
  return url.href
}

async function leadsOutside(host: string): Promise<boolean> {
  if (isIP(host)) return isPublicAddress(host)
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return addresses.every(({ address }) => isPublicAddress(address))
}

function refusal(message: string): ValidationError {
  return new ValidationError([{ path: 'url', message }])
}
