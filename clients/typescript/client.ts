import { requestLineOf, withQuery, type OptionsOf, type RequestParts, type ResultOf, type Route } from './index.js'
import type { paths } from './schema.js'

/** What the server says of a request that it refused: `code` is for programs, `detail` for people. */
export interface Problem {
  status: number
  code: string
  title: string
  detail: string
  requestId?: string
  errors?: { path: string; message: string }[]
}

export class CountinghouseError extends Error {
  constructor(
    readonly problem: Problem,
    /** seconds until the next try may succeed, where the server says so */
    readonly retryAfterSeconds?: number,
  ) {
    super(problem.detail)
  }
}

export interface ClientSettings {
  /** `https://data.example.com` */
  url: string
  /** an API key or a token; a function is asked before each request, for tokens that are renewed */
  key: string | (() => string | Promise<string>)
}

export interface Client<Paths> {
  /** The JSON of a route's success; undefined where there is none. Throws CountinghouseError for a refusal. */
  call<R extends Route<Paths>>(route: R, ...options: OptionsOf<R, Paths>): Promise<ResultOf<R, Paths>>
}

/**
 * A client of the HTTP API. Its types are those of this server's routes; with `Paths` of openapi-typescript those of another
 * document.
 */
export function createClient<Paths = paths>({ url, key }: ClientSettings): Client<Paths> {
  const call = async (route: string, options: RequestParts = {}): Promise<unknown> => {
    const [method, path] = requestLineOf(route, options.path)
    const response = await fetch(new URL(withQuery(path, options.query), url), {
      method,
      headers: {
        authorization: `Bearer ${typeof key === 'function' ? await key() : key}`,
        accept: 'application/json',
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    })
    if (!response.ok) throw await refusalOf(response)
    return response.status === 204 ? undefined : response.json()
  }
  return { call } as Client<Paths>
}

async function refusalOf(response: Response): Promise<CountinghouseError> {
  const text = await response.text()
  const retryAfter = Number(response.headers.get('retry-after') ?? undefined)
  const seconds = Number.isNaN(retryAfter) ? undefined : retryAfter
  try {
    return new CountinghouseError(JSON.parse(text) as Problem, seconds)
  } catch {
    // A proxy in between has words of its own.
    const { status, statusText } = response
    return new CountinghouseError({ status, code: 'UNKNOWN', title: statusText, detail: text.slice(0, 200) }, seconds)
  }
}
