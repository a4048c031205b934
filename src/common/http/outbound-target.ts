import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress, publicLookup } from './public-address.js'

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 }
const FIRST_UNPRIVILEGED_PORT = 1024
/** From 1024 up, what belongs to another protocol: the "bad ports" of the Fetch standard, and databases, queues, desktops. */
const PORTS_OF_OTHER_PROTOCOLS = new Set([
  ...[1433, 1521, 1719, 1720, 1723, 2049, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 6000, 6379],
  ...[6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9092, 10080, 11211, 27017],
])
/** Top-level names of machines, local networks and private use (RFC 6761, 6762, 8375, ICANN's .internal). */
const PRIVATE_NAMES = /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/
/** At least two labels: one alone is a machine of the local network, or whatever a search domain makes of it. */
const FULL_DOMAIN_NAME = /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/

/** The host of a URL without the brackets of IPv6 and without the dot that ends a full name in DNS. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

/** Where requests that others ask us to send may go. */
export interface OutboundRule {
  allowPrivate: boolean
  /** the setting that allows private addresses */
  setting: 'WEBHOOK_ALLOW_PRIVATE' | 'SOURCES_ALLOW_PRIVATE'
  /** finds the addresses of names where private ones are not allowed; `publicLookup` when left out */
  lookup?: LookupFunction
}

/** What a connection under the rule looks names up with. */
export function connectionLookup({ allowPrivate, lookup = publicLookup }: OutboundRule): { lookup?: LookupFunction } {
  return allowPrivate ? {} : { lookup }
}

/** Why we may not go there, as far as the URL alone tells; undefined when we may. The addresses behind a name are checked apart. */
export function targetProblem(url: URL, rule: OutboundRule): string | undefined {
  if (!(url.protocol in DEFAULT_PORTS)) return 'must be a URL with http or https'
  if (url.username || url.password) return 'must not hold a user name or password'
  return portProblem(url) ?? (rule.allowPrivate ? undefined : hostProblem(hostOf(url), rule))
}

export function privateTarget({ setting }: OutboundRule): string {
  return `must not lead to a private or loopback address; ${setting}=true allows that`
}

function portProblem(url: URL): string | undefined {
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol]! : Number(url.port)
  if (Object.values(DEFAULT_PORTS).includes(port)) return undefined
  if (port >= FIRST_UNPRIVILEGED_PORT && !PORTS_OF_OTHER_PROTOCOLS.has(port)) return undefined
  return `must use port 80, 443, or one from 1024 to 65535 that no other protocol is known for; ${port} is not allowed`
}

function hostProblem(host: string, rule: OutboundRule): string | undefined {
  if (isIP(host)) return isPublicAddress(host) ? undefined : privateTarget(rule)
  if (PRIVATE_NAMES.test(host)) return privateTarget(rule)
  if (!FULL_DOMAIN_NAME.test(host)) return 'must name a host by a full domain name such as hooks.example.com'
  return undefined
}
