/** Whether a request's `Cache-Control` wants the engine to be asked, whatever the cache has (RFC 9111, 5.2.1.4). */
export function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && cacheControl.split(',').some((part) => part.trim().toLowerCase() === 'no-cache')
}
