import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionOf } from '../auth/request-authenticator.service.js'
import { isSent } from '../common/http/client-disconnect.js'
import { redactApiKeys } from '../common/redact-api-keys.js'
import type { LogRow } from './request-log.repository.js'
import { RequestObservers } from './request-observers.js'
import { RequestLogService } from './request-log.service.js'

/** Logs a request that reaches no hook. */
export type RequestLogger = (request: FastifyRequest, reply: FastifyReply) => void

const MAX_PATH_LENGTH = 200
const MAX_DETAIL_LENGTH = 500
/** Opening the console is one request to the operator, not twenty. */
const PARTS_OF_THE_PAGE = new Set(['/assets/*', '/favicon.svg'])
/** nginx's status for a client that went away before its answer was whole */
const CLIENT_CLOSED_REQUEST = 499

/**
 * Logs every request when its answer is out or its connection is gone. By the `close` of the response, which comes once
 * either way: what hooks and guards refuse never reaches an interceptor, and Fastify does not run its `onResponse` hook
 * when the client goes away. Call it before the routes are registered.
 */
export function registerRequestLog(app: NestFastifyApplication): RequestLogger {
  const fastify = app.getHttpAdapter().getInstance()
  const log = app.get(RequestLogService)
  const observers = app.get(RequestObservers)
  const logger: RequestLogger = (request, reply) =>
    reply.raw.on('close', () => {
      const row = rowOf(request, reply)
      log.add(row)
      observers.tell(request, row)
    })
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!PARTS_OF_THE_PAGE.has(request.routeOptions.url ?? '')) logger(request, reply)
    done()
  })
  return logger
}

function rowOf(request: FastifyRequest, reply: FastifyReply): LogRow {
  // A WebSocket's 101 is not written by the response.
  const gone = !isSent(reply.raw) && reply.raw.statusCode !== 101
  const elapsedMs = reply.elapsedTime
  const durationMs = elapsedMs - streamedMsOf(request)
  const pattern = request.is404 ? undefined : request.routeOptions?.url
  return {
    id: request.id,
    userId: request.principal?.userId ?? null,
    keyId: request.principal?.keyId ?? null,
    method: request.method,
    endpoint: pattern ?? pathOf(request.url),
    matched: pattern !== undefined,
    dataset: request.queriedDataset ?? null,
    status: gone ? CLIENT_CLOSED_REQUEST : reply.statusCode,
    durationMs: Math.round(durationMs * 100) / 100,
    // What a client that left before the first byte has paid is given back in a moment.
    creditsCharged: gone && !reply.raw.headersSent ? 0 : (request.creditsCharged ?? 0),
    errorCode: request.problem?.code ?? null,
    errorDetail: detailOf(request),
    fromConsole: isFromConsole(request),
    ip: request.ip,
    timestamp: new Date(Date.now() - elapsedMs),
  }
}

/** PostgreSQL's texts hold no NUL, which a caller may have sent as a name. */
function detailOf({ problem }: FastifyRequest): string | null {
  return problem?.detail.slice(0, MAX_DETAIL_LENGTH).replaceAll('\0', ' ') ?? null
}

/** What the console asks for by itself; a query that somebody runs in it is a query like any other. */
function isFromConsole(request: FastifyRequest): boolean {
  return request.routeOptions?.config?.charged === undefined && sessionOf(request) !== undefined
}

/** A stream is open for as long as its reader likes, which says nothing of how fast it was answered. */
function streamedMsOf({ streamBeganAt }: FastifyRequest): number {
  return streamBeganAt === undefined ? 0 : performance.now() - streamBeganAt
}

/** Without the query string and without keys: people put secrets there. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  // Before it is cut: the half of a key is not recognized, and is half a secret.
  return redactApiKeys(end === -1 ? url : url.slice(0, end)).slice(0, MAX_PATH_LENGTH)
}
