import { BlockList, isIP } from 'node:net'

const BITS = { 4: 32, 6: 128 } as const

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. */
export function isCidr(text: string): boolean {
  return parse(text) !== undefined
}

/** `::ffff:192.0.2.1`, as a socket for both families has it, is `192.0.2.1`. */
export function withoutIpv4Mapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Tells whether an address is in one of the networks; IPv4 addresses in IPv6 form (`::ffff:192.0.2.1`) count too. */
export class CidrAllowlist {
  private readonly networks = new BlockList()

  constructor(cidrs: string[]) {
    for (const cidr of cidrs) {
      const network = parse(cidr)
      if (network) this.networks.addSubnet(network.address, network.bits, network.family === 4 ? 'ipv4' : 'ipv6')
    }
  }

  has(address: string): boolean {
    const plain = withoutIpv4Mapping(address)
    const family = isIP(plain)
    return family !== 0 && this.networks.check(plain, family === 4 ? 'ipv4' : 'ipv6')
  }
}

/** Whether one of the networks holds all of this one. Two halves of it, one in each of two networks, do not count. */
export function isWithin(cidr: string, networks: string[]): boolean {
  const inner = parse(cidr)
  return inner !== undefined && networks.some((network) => holds(network, inner))
}

function holds(network: string, inner: Network): boolean {
  const outer = parse(network)
  if (outer?.family !== inner.family || outer.bits > inner.bits) return false
  const list = new BlockList()
  const family = outer.family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(outer.address, outer.bits, family)
  return list.check(inner.address, family)
}

interface Network {
  address: string
  bits: number
  family: 4 | 6
}

function parse(text: string): Network | undefined {
  const match = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text)
  const family = match ? isIP(match[1]!) : 0
  if (!match || (family !== 4 && family !== 6)) return undefined
  const bits = match[2] === undefined ? BITS[family] : Number(match[2])
  return bits <= BITS[family] ? { address: match[1]!, bits, family } : undefined
}
