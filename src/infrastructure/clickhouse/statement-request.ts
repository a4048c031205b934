import { toSearchParams, type ConnectionParams } from '@clickhouse/client/dist/common/index.js'
import { randomUUID } from 'node:crypto'
import { urlToHttpOptions } from 'node:url'
import type { StatementOptions } from './statement.types.js'

/** A request as bytes, and where they go. */
export interface StatementRequest {
  host: string
  port: number
  secure: boolean
  bytes: Buffer
}

/** A statement as the client sends it: the SQL is the body, everything else is in the URL. */
export function statementRequest(
  { url, auth, application_id, http_headers, database, clickhouse_settings }: ConnectionParams,
  sql: string,
  { params, settings, queryId = randomUUID() }: StatementOptions,
): StatementRequest {
  const target = new URL(url)
  target.search = toSearchParams({
    database,
    query_params: params,
    query_id: queryId,
    clickhouse_settings: { ...clickhouse_settings, ...settings },
  }).toString()
  const { hostname, port, path, protocol } = urlToHttpOptions(target)
  const secure = protocol === 'https:'
  const body = Buffer.from(sql)
  const headers = {
    ...http_headers,
    host: target.host,
    'user-agent': application_id,
    authorization: authorizationOf(auth),
    connection: 'close',
    'content-length': body.length,
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return {
    host: hostname!,
    port: Number(port || (secure ? 443 : 80)),
    secure,
    bytes: Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`), body]),
  }
}

function authorizationOf(auth: ConnectionParams['auth']): string {
  if (auth.type === 'JWT') return `Bearer ${auth.access_token}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}
