/** Scheme, user and password where there are any, and the rest, which may have no host: `postgres://app@/db?host=DIR`. */
const PARTS = /^([a-z]+:\/\/)(?:([^/?#]*)@)?(.*)$/i

/**
 * The URL with a password that is set apart from it, percent-encoded, so that it may hold `@`, `/` and `#`. A URL that has
 * a password already keeps it.
 */
export function withPassword(url: string | undefined, password: string | undefined): string | undefined {
  const parts = url && password ? PARTS.exec(url) : null
  if (!parts) return url
  const [, scheme, user = '', rest] = parts
  return user.includes(':') ? url : `${scheme}${user}:${encodeURIComponent(password!)}@${rest}`
}

/** The URL for people to see: without user, password and parameters, which may hold secrets too. */
export function withoutCredentials(url: string): string {
  const parts = PARTS.exec(url)
  if (!parts) return ''
  const [, scheme, , rest] = parts
  return `${scheme}${rest!.replace(/[?#].*$/s, '')}`
}
