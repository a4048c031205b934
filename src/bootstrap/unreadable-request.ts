import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AppError } from '../common/errors/app-error.js'
import { newId } from '../common/new-id.js'
import { problemOf } from '../common/filters/problem.filter.js'
import { SECURITY_HEADERS } from './security-headers.js'

/** Node's codes of requests that are no HTTP, with the status that each is answered with; 400 for all others. */
const STATUS_OF: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

const DETAIL_OF: Record<number, string> = {
  400: 'The request is not valid HTTP.',
  408: 'The request did not arrive in time.',
  431: 'The address and headers of the request are too long.',
}

/** Answers what is no request yet, so that no hook and no filter sees it, with a problem like any other. */
export function refuseUnreadableRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = STATUS_OF[error.code ?? ''] ?? 400
  const requestId = newId()
  const body = JSON.stringify({
    ...problemOf(new AppError('VALIDATION_FAILED', DETAIL_OF[status]!), requestId),
    status,
  })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
