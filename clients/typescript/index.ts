import type { components, paths } from './schema.js'

export type { Decimal } from './schema.js'

/** The bodies of requests and responses by their names in openapi.json: `Schemas['User']`. */
export type Schemas = components['schemas']

type Method = 'get' | 'put' | 'post' | 'patch' | 'delete'

/** A method and a path as openapi.json has them: `GET /v1/admin/users/{id}`. */
export type Route = {
  [Path in keyof paths]: { [M in Method]: paths[Path][M] extends object ? `${Uppercase<M>} ${Path}` : never }[Method]
}[keyof paths]

type OperationOf<R extends Route> = R extends `${infer M} ${infer Path extends keyof paths}`
  ? paths[Path][Lowercase<M> & keyof paths[Path]]
  : never

type PathOf<R extends Route> = OperationOf<R> extends { parameters: { path: infer Path } } ? Path : undefined
type QueryOf<R extends Route> = OperationOf<R> extends { parameters: { query?: infer Query } } ? Query : never
type BodyOf<R extends Route> =
  OperationOf<R> extends { requestBody: { content: { 'application/json': infer Body } } } ? Body : undefined

/** Required where the route has one. */
type Part<Name extends string, T> = [T] extends [undefined] ? Partial<Record<Name, never>> : Record<Name, T>

/** Parameters travel as text; those that are null or empty are left out. */
export type QueryParameters = Record<string, string | number | boolean | null | undefined>

/** What a request of a route takes. */
export type RequestOptions<R extends Route> = Part<'path', PathOf<R>> &
  Part<'body', BodyOf<R>> & {
    query?: { [Name in keyof NonNullable<QueryOf<R>>]?: QueryParameters[string] }
    headers?: Record<string, string>
    signal?: AbortSignal
  }

/** Optional where the route needs neither a body nor a parameter in its path. */
export type OptionsOf<R extends Route> =
  object extends RequestOptions<R> ? [options?: RequestOptions<R>] : [options: RequestOptions<R>]

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
export type ResultOf<R extends Route> =
  OperationOf<R> extends { responses: infer Responses }
    ? {
        [Status in keyof Responses & Success]: Responses[Status] extends {
          content: { 'application/json': infer Body }
        }
          ? Body
          : undefined
      }[keyof Responses & Success]
    : never

/** The method of a route, and its path with the parameters in their places. */
export function requestLineOf(route: Route, path: Record<string, string> = {}): [method: string, path: string] {
  const [method, template] = route.split(' ') as [string, string]
  return [method, template.replace(/\{(\w+)\}/g, (_braces, name: string) => encodeURIComponent(path[name] ?? ''))]
}

/** `path?a=1`, without the parameters that have no value. */
export function withQuery(path: string, query: QueryParameters = {}): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (entries.length === 0) return path
  const texts = entries.map(([name, value]): [string, string] => [name, String(value)])
  return `${path}?${new URLSearchParams(texts).toString()}`
}
