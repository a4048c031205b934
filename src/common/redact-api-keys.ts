import { hash } from 'node:crypto'

// A character of a key, as it is or percent-encoded, once or several times over.
const ENCODED = '%(?:25)*'
const SECRET_CHARACTER = `(?:[0-9A-Za-z]|${ENCODED}(?:3\\d|[46][1-9a-f]|[57][0-9a]))`
const API_KEY = new RegExp(`(?:c|${ENCODED}63)(?:h|${ENCODED}68)(?:_|${ENCODED}5f)${SECRET_CHARACTER}{43}`, 'gi')
// A browser token, or any other JSON Web Token: three parts of base64url, the first an object. Its length is bounded, so that a
// text of many beginnings takes no longer to search.
const TOKEN_CHARACTER = SECRET_CHARACTER.replace('[0-9A-Za-z]', '[\\w-]').replace('3\\d', '3\\d|2d|5f')
const DOT = `(?:\\.|${ENCODED}2e)`
const TOKEN = new RegExp(
  `(?:e|${ENCODED}65)(?:y|${ENCODED}79)(?:J|${ENCODED}4a)${TOKEN_CHARACTER}{10,200}` +
    `(?:${DOT}${TOKEN_CHARACTER}{10,2000}){2}`,
  'gi',
)
/** What may be the operator's root key, which has no shape of its own. */
const LONG_TOKEN = /[^\s/?&=#"'<>,;()[\]{}]{20,768}/g

const secretHashes = new Set<string>()

/** From now on the text with this SHA-256 (hex) is hidden too. */
export function hideSecret(sha256: string): void {
  secretHashes.add(sha256.toLowerCase())
}

/** The text without API keys and tokens: people put them into paths and fields, which are logged and come back in answers. */
export function redactApiKeys(text: string): string {
  const withoutKeys = text.replace(API_KEY, 'ch_(hidden)').replace(TOKEN, '(hidden token)')
  if (secretHashes.size === 0) return withoutKeys
  return withoutKeys.replace(LONG_TOKEN, (token) => (isSecret(token) ? '(hidden)' : token))
}

function isSecret(token: string): boolean {
  for (let text = token, last = ''; text !== last;) {
    if (secretHashes.has(hash('sha256', text, 'hex'))) return true
    last = text
    text = decoded(text)
  }
  return false
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
