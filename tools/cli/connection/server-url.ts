export const DEFAULT_URL = 'http://localhost:8080'

/** The address of a server, its path ending in a slash; undefined where it is none. */
export function serverUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined
  // Paths are resolved against it.
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
