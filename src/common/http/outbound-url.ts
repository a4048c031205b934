import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ValidationError } from '../errors/app-error.js'
import { hostOf, privateTarget, targetProblem, type OutboundRule } from './outbound-target.js'
import { isPublicAddress } from './public-address.js'

// eslint-disable-next-line no-control-regex
const MISPLACED = /[\u0000-\u0020\u007f]/

/**
 * The URL in its normal form (`http://0x7f.1` is `http://127.0.0.1/`). ValidationError under `path` when it is none that
 * we may go to. A name that cannot be looked up right now passes: every request checks the address again.
 */
export async function checkedOutboundUrl(text: string, rule: OutboundRule, path = 'url'): Promise<string> {
  const refusal = (message: string): ValidationError => new ValidationError([{ path, message }])
  // The parser drops line breaks and encodes blanks: it would be another URL than was given.
  const url = !MISPLACED.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw refusal('must be a URL with http or https')
  const problem = targetProblem(url, rule)
  if (problem) throw refusal(problem)
  if (!rule.allowPrivate && !(await leadsOutside(hostOf(url)))) throw refusal(privateTarget(rule))
  url.hash = ''
  return url.href
}

async function leadsOutside(host: string): Promise<boolean> {
  if (isIP(host)) return isPublicAddress(host)
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return addresses.every(({ address }) => isPublicAddress(address))
}
