/** What the request itself sets, and what would change how its response is to be read. */
const OWN_HEADERS = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'keep-alive', 'expect'],
  ...['accept-encoding', 'if-none-match', 'if-modified-since', 'if-match', 'if-range', 'if-unmodified-since', 'range'],
  ...['proxy-authorization', 'proxy-connection'],
])
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/
/** Of one line, in what Node sends: Latin-1. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const MAX_HEADERS = 20
const MAX_VALUE_CHARACTERS = 8_192

/** What is wrong with the headers of a source: where below `headers`, and what. The values are secret and not named. */
export function headersProblem(headers: Record<string, unknown>): { name: string; message: string } | undefined {
  const entries = Object.entries(headers)
  if (entries.length > MAX_HEADERS) return { name: '', message: `must be at most ${MAX_HEADERS}` }
  for (const [name, value] of entries) {
    const message = headerProblem(name, value)
    if (message) return { name: name.slice(0, 100), message }
  }
  return undefined
}

function headerProblem(name: string, value: unknown): string | undefined {
  if (!HEADER_NAME.test(name)) return 'is not the name of a header'
  if (OWN_HEADERS.has(name.toLowerCase())) return 'is set by the server itself; leave it out'
  if (typeof value !== 'string' || value === '') return 'must be text'
  if (value.length > MAX_VALUE_CHARACTERS) return `must have at most ${MAX_VALUE_CHARACTERS} characters`
  return HEADER_VALUE.test(value) ? undefined : 'must be one line without control characters'
}
