import type { LogEntry } from './queries'

export type AnonymousCaller = 'root key' | 'no key' | 'unknown'

const NEEDS_KEY = /^\/(v1|api|users)(\/|$)/
/** What is answered before it is known who asks. */
const REFUSED = [401, 403, 429]

/** Who sent a request that belongs to no account, as far as its line of the log tells. */
export function anonymousCallerOf(line: Pick<LogEntry, 'method' | 'endpoint' | 'status'>): AnonymousCaller {
  const { method, endpoint, status } = line
  if (REFUSED.includes(status)) return 'no key'
  if (endpoint === '/metrics') return 'unknown'
  if (!NEEDS_KEY.test(endpoint) || (method === 'POST' && endpoint === '/v1/session')) return 'no key'
  // A path that is no route is answered without a look at the key, and a route with a parameter is one.
  return status === 404 && !endpoint.includes(':') ? 'unknown' : 'root key'
}
