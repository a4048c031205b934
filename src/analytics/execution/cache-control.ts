/** Whether a request's `Cache-Control` wants the query to be executed, whatever the cache has (RFC 9111, 5.2.1.4). */
export function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && cacheControl.split(',').some((part) => part.trim().toLowerCase() === 'no-cache')
}
