import { request as requestHttp, type ClientRequest, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connectionLookup, privateTarget, targetProblem, type OutboundRule } from './outbound-target.js'
import { PrivateAddressError } from './public-address.js'

/** The URL is none that we may go to. */
export class TargetRefusedError extends Error {
  constructor(problem: string) {
    super(`the URL ${problem}`)
  }
}

/**
 * Begins a request that somebody else asked us to send; it follows no redirect. Throws TargetRefusedError or
 * PrivateAddressError; where a name leads to a private address, the request fails with the latter.
 */
export function requestOutbound(url: URL, rule: OutboundRule, options: RequestOptions): ClientRequest {
  // Also where it was checked before it was stored: other settings may hold now, and Node looks up no address that the URL holds itself.
  const problem = targetProblem(url, rule)
  if (problem === privateTarget(rule)) throw new PrivateAddressError()
  if (problem) throw new TargetRefusedError(problem)
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  // A connection of its own: one kept open would be used again without a look at the address.
  return send(url, { ...options, agent: false, ...connectionLookup(rule) })
}
