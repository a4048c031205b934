import { isSafeNumber, parse } from 'lossless-json'
import { setReachable } from './reachability'

/** A number of an answer: as a number where that is exact, else its text, so that no figure is rounded on its way here. */
export type Decimal = number | string

/** What the server says of a request that it did not fulfil (application/problem+json). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    detail: string,
    readonly requestId: string | undefined,
    readonly errors: { path: string; message: string }[],
    /** seconds, when the server says when to try again */
    readonly retryAfter: number | undefined,
  ) {
    super(detail)
  }
}

export type QueryParameters = Record<string, string | number | boolean | null | undefined>

export interface RequestOptions {
  query?: QueryParameters
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** The answer of a route as it is; ApiProblem for anything but success. */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const { query, body, headers, signal } = options
  const response = await fetch(withQuery(path, query), {
    method,
    signal,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    setReachable(false)
    throw new ApiProblem(
      0,
      'UNREACHABLE',
      'Not reachable',
      'The server does not answer. Is it running?',
      undefined,
      [],
      undefined,
    )
  })
  setReachable(true)
  if (!response.ok) throw await problemOf(response)
  return response
}

/** The JSON answer of a route; undefined for 204. */
export async function request<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
  const response = await send(method, path, options)
  const text = await response.text()
  return (text ? parseExact(text) : undefined) as T
}

export function parseExact(text: string): unknown {
  return parse(text, undefined, (digits) => (isSafeNumber(digits) ? Number(digits) : digits))
}

/** `path?a=1`, without the parameters that have no value. */
export function withQuery(path: string, query: QueryParameters = {}): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (entries.length === 0) return path
  return `${path}?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()}`
}

/** Of an answer that is no success. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = { title: response.statusText, detail: `The server answered ${response.status}.` }
  const body = (await response.json().catch(() => fallback)) as Partial<ApiProblem> & { detail?: string }
  const retryAfter = Number(response.headers.get('retry-after'))
  return new ApiProblem(
    response.status,
    body.code ?? 'UNKNOWN',
    body.title ?? fallback.title,
    body.detail ?? fallback.detail,
    body.requestId,
    body.errors ?? [],
    retryAfter > 0 ? retryAfter : undefined,
  )
}
