import { lookup as resolve, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** All of IPv6 that is given out; `::10.0.0.1` and the like lie outside of it. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')

/** The name leads into a network that we may not reach for others. */
export class PrivateAddressError extends Error {
  constructor() {
    super('the address is private')
  }
}

/**
 * Whether anybody on the internet could reach the address: not private, loopback, link-local (cloud metadata), carrier
 * NAT, multicast, documentation, reserved, nor an IPv6 form that stands for an IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const plain = ipaddr.process(address)
  if (plain.range() !== 'unicast') return false
  return plain.kind() === 'ipv4' || plain.match(GLOBAL_IPV6)
}

/**
 * `lookup` for a connection: looks the name up and refuses private addresses. It is done where the connection is made,
 * because a name may point elsewhere by then than when it was first looked at (DNS rebinding). Node does not call it for
 * a URL that holds an address.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[] = []) => {
    if (error) return callback(error, '')
    if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(new PrivateAddressError(), '')
    if (options.all) callback(null, addresses)
    else callback(null, addresses[0]!.address, addresses[0]!.family)
  })
}
