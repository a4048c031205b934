import { isSafeNumber, parse } from 'lossless-json'
import {
  requestLineOf,
  withQuery,
  type OptionsOf,
  type RequestParts,
  type ResultOf,
  type Route,
} from '../../../clients/typescript/index'
import { setReachable } from './reachability'

export { withQuery, type Decimal, type Schemas } from '../../../clients/typescript/index'

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

/** The response of a route as it is; ApiProblem for anything but success. */
export async function send<R extends Route>(route: R, ...[options]: OptionsOf<R>): Promise<Response> {
  const { path, query, body, headers, signal } = (options ?? {}) as RequestParts
  const [method, url] = requestLineOf(route, path)
  return fetched(withQuery(url, query), {
    method,
    signal,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}

/** Posts a form with a file in it, and gives the body of the response, parsed exactly. The server heeds only fields before the file. */
export async function postForm(url: string, form: FormData, signal?: AbortSignal): Promise<unknown> {
  const response = await fetched(url, { method: 'POST', body: form, signal })
  return parseExact(await response.text())
}

async function fetched(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    setReachable(false)
    throw new ApiProblem(
      0,
      'UNREACHABLE',
      'Not reachable',
      'The server does not respond. Check that it is running.',
      undefined,
      [],
      undefined,
    )
  })
  setReachable(true)
  if (!response.ok) throw await problemOf(response)
  return response
}

/** The body of a route's response, parsed exactly; undefined for 204. */
export async function request<R extends Route>(route: R, ...options: OptionsOf<R>): Promise<ResultOf<R>> {
  const response = await send(route, ...options)
  const text = await response.text()
  return (text ? parseExact(text) : undefined) as ResultOf<R>
}

export function parseExact(text: string): unknown {
  return parse(text, undefined, (digits) => (isSafeNumber(digits) ? Number(digits) : digits))
}

/** Of a response that is no success. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = { title: response.statusText, detail: `The server responded with ${response.status}.` }
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
