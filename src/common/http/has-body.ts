import type { IncomingHttpHeaders } from 'node:http'

/** Whether a request with these headers brings a body that is not empty, as far as they tell. */
export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
