import { isIP } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'
import { CidrAllowlist, isCidr } from './cidr-allowlist.js'

const MAX_HOPS = 32
const WITH_PORT = /^\[?([0-9a-f.:]+?)\]?(?::\d{1,5})?$/i

/** Whether `X-Forwarded-*` of this peer is believed; `hop` 0 is the connection itself. */
export type TrustProxy = (address: string, hop: number) => boolean

/** A number of proxies in front (`2`) or the networks that they are in (`10.0.0.0/8, ::1`); false for anything else. */
export function isTrustProxySetting(text: unknown): boolean {
  if (typeof text !== 'string') return false
  if (/^\d+$/.test(text)) return Number(text) <= MAX_HOPS
  return networksOf(text).every(isCidr)
}

/** What Fastify asks of each hop; false where nothing is in front (`0`). */
export function trustProxyOf(setting: string): TrustProxy | false {
  if (/^\d+$/.test(setting)) {
    const hops = Number(setting)
    return hops > 0 && ((_address, hop) => hop < hops)
  }
  const networks = new CidrAllowlist(networksOf(setting))
  return (address) => networks.has(address)
}

function networksOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean)
}

/**
 * Drops what is no address from `X-Forwarded-For`, and everything before it: what stands left of a forged entry was not
 * written by a proxy of ours. Ports, which some proxies add, go too.
 */
export function keepForwardedAddresses(headers: IncomingHttpHeaders): void {
  const forwarded = headers['x-forwarded-for']
  if (forwarded === undefined) return
  const entries = String(forwarded).split(',')
  const kept: string[] = []
  for (let index = entries.length - 1; index >= 0; index--) {
    const address = addressOf(entries[index]!.trim())
    if (address === undefined) break
    kept.unshift(address)
  }
  if (kept.length > 0) headers['x-forwarded-for'] = kept.join(', ')
  else delete headers['x-forwarded-for']
}

function addressOf(entry: string): string | undefined {
  if (isIP(entry)) return entry
  const bare = WITH_PORT.exec(entry)?.[1]
  return bare !== undefined && isIP(bare) ? bare : undefined
}
