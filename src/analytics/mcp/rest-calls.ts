import { Injectable } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'

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

/**
 * Calls routes of this server in this process, as a client with the credentials of another request would: the same guards,
 * limits, charges, cache and log. So what is asked over MCP cannot differ from what is asked over REST.
 */
@Injectable()
export class RestCalls {
  constructor(private readonly host: HttpAdapterHost) {}

  /** An aborted signal is a client that leaves: a query stops, and its credits come back. */
  async send(
    { method, path, query, body }: RestCall,
    from: FastifyRequest,
    signal: AbortSignal,
  ): Promise<RestResponse> {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>()
    const { statusCode, headers, payload } = await fastify.inject({
      method,
      url: path,
      query,
      headers: headersOf(from),
      ...(body !== undefined && { payload: JSON.stringify(body) }),
      remoteAddress: from.ip,
      signal,
    })
    return { status: statusCode, headers, body: payload }
  }
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
