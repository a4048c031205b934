import type { components, paths } from './schema.js'

export type { Decimal } from './schema.js'

/** The bodies of requests and responses by their names in openapi.json: `Schemas['User']`. */
export type Schemas = components['schemas']

type Method = 'get' | 'put' | 'post' | 'patch' | 'delete'

/**
 * A method and a path as openapi.json has them: `GET /v1/admin/users/{id}`. `Paths` is what openapi-typescript makes of another
 * document, such as that of the endpoints of an account.
 */
export type Route<Paths = paths> = {
  [Path in keyof Paths & string]: {
    [M in Method]: M extends keyof Paths[Path]
      ? Paths[Path][M] extends object
        ? `${Uppercase<M>} ${Path}`
        : never
      : never
  }[Method]
}[keyof Paths & string]

type OperationOf<R, Paths> = R extends `${infer M} ${infer Path extends keyof Paths & string}`
  ? Paths[Path][Lowercase<M> & keyof Paths[Path]]
  : never

type PathOf<R, Paths> = OperationOf<R, Paths> extends { parameters: { path: infer Path } } ? Path : undefined
type QueryOf<R, Paths> = OperationOf<R, Paths> extends { parameters: { query?: infer Query } } ? Query : never
type BodyOf<R, Paths> =
  OperationOf<R, Paths> extends { requestBody: { content: { 'application/json': infer Body } } } ? Body : undefined

/** Required where the route has one. */
type Part<Name extends string, T> = [T] extends [undefined] ? Partial<Record<Name, never>> : Record<Name, T>

type QueryValue = string | number | boolean | null | undefined

/** Parameters travel as text, a list as one for each of its values; those that are null or empty are left out. */
export type QueryParameters = Record<string, QueryValue | readonly QueryValue[]>

/** What a request of a route takes. */
export type RequestOptions<R, Paths = paths> = Part<'path', PathOf<R, Paths>> &
  Part<'body', BodyOf<R, Paths>> & {
    query?: { [Name in keyof NonNullable<QueryOf<R, Paths>>]?: QueryParameters[string] }
    headers?: Record<string, string>
    signal?: AbortSignal
  }

/** Optional where the route needs neither a body nor a parameter in its path. */
export type OptionsOf<R, Paths = paths> =
  object extends RequestOptions<R, Paths> ? [options?: RequestOptions<R, Paths>] : [options: RequestOptions<R, Paths>]

/** What the options of any route may hold, for the code that sends them. */
export interface RequestParts {
  path?: Record<string, string>
  query?: QueryParameters
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

type Success = 200 | 201 | 202 | 204

/** The JSON body of a route's success; undefined where there is none. */
export type ResultOf<R, Paths = paths> =
  OperationOf<R, Paths> extends { responses: infer Responses }
    ? {
        [Status in keyof Responses & Success]: Responses[Status] extends {
          content: { 'application/json': infer Body }
        }
          ? Body
          : undefined
      }[keyof Responses & Success]
    : never

/** The method of a route, and its path with the parameters in their places. */
export function requestLineOf(route: string, path: Record<string, string> = {}): [method: string, path: string] {
  const [method, template] = route.split(' ') as [string, string]
  return [method, template.replace(/\{(\w+)\}/g, (_braces, name: string) => encodeURIComponent(path[name] ?? ''))]
}

/** `path?a=1`, without the parameters that have no value. */
export function withQuery(path: string, query: QueryParameters = {}): string {
  const texts = Object.entries(query).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((each) => each !== undefined && each !== null && each !== '')
      .map((each): [string, string] => [name, String(each)]),
  )
  if (texts.length === 0) return path
  return `${path}?${new URLSearchParams(texts).toString()}`
}
