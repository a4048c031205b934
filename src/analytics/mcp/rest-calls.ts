import { Injectable } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'

/** A request to a route of this server. */
export interface RestCall {
  method: 'GET' | 'POST'
  path: string
  query?: Record<string, string | string[]>
  body?: unknown
}

export interface RestResponse {
  status: number
  headers: Record<string, unknown>
  body: string
}

/** What tells who calls; nothing else of a request is passed on, cookies least of all. */
const CREDENTIALS = ['x-api-key', 'authorization'] as const

/** Names a call to the request that is made of it. Drawn at random, so that no other request has it. */
const CALL_HEADER = 'x-call-within'

/**
 * Calls routes of this server in this process, as a client with the credentials of another request would: the same guards,
 * limits, charges, cache and log. So what is asked over MCP cannot differ from what is asked over REST.
 */
@Injectable()
export class RestCalls {
  private readonly signals = new Map<string, AbortSignal>()

  constructor(private readonly host: HttpAdapterHost) {}

  /** Of a call whose signal is aborted the response is destroyed. Call it before the routes are registered. */
  registerHook(): void {
    this.fastify().addHook('onRequest', (request, reply, done) => {
      const call = request.headers[CALL_HEADER]
      const signal = call === undefined ? undefined : this.signals.get(String(call))
      if (signal) destroyWith(signal, reply)
      done()
    })
  }

  /** An aborted signal is a client that leaves: a query stops, and its credits come back. */
  async send(
    { method, path, query, body }: RestCall,
    from: FastifyRequest,
    signal: AbortSignal,
  ): Promise<RestResponse> {
    const call = randomUUID()
    // The signal that `inject` takes is of no more use once the body of the request was read.
    this.signals.set(call, signal)
    try {
      const { statusCode, headers, payload } = await this.fastify().inject({
        method,
        url: path,
        query,
        headers: { ...headersOf(from), [CALL_HEADER]: call },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
        remoteAddress: from.ip,
      })
      return { status: statusCode, headers, body: payload }
    } finally {
      this.signals.delete(call)
    }
  }

  private fastify(): FastifyInstance {
    return this.host.httpAdapter.getInstance()
  }
}

function destroyWith(signal: AbortSignal, { raw }: FastifyReply): void {
  const leave = (): void => void raw.destroy()
  if (signal.aborted) return leave()
  signal.addEventListener('abort', leave, { once: true })
  raw.once('close', () => signal.removeEventListener('abort', leave))
}

export function hasCredentials({ headers }: FastifyRequest): boolean {
  return CREDENTIALS.some((name) => headers[name] !== undefined)
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const own = CREDENTIALS.map((name) => [name, headers[name]] as const).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': headers['user-agent'] ?? 'mcp',
  }
}
