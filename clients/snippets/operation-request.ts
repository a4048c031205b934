import type { SnippetRequest } from './snippets.js'

/** As much of an OpenAPI document as says what a request looks like. */
export interface ApiDocument {
  paths: Record<string, Record<string, ApiOperation>>
  components?: { schemas?: Record<string, ApiSchema> }
}

export interface ApiOperation {
  parameters?: { name: string; in: string; required?: boolean; example?: unknown; schema?: ApiSchema }[]
  requestBody?: { content?: Record<string, ApiContent> }
  responses?: Record<string, { content?: Record<string, unknown> }>
  security?: unknown[]
}

interface ApiContent {
  schema?: ApiSchema
  example?: unknown
  examples?: Record<string, { value?: unknown }>
}

export interface ApiSchema {
  $ref?: string
  type?: string
  example?: unknown
  default?: unknown
  enum?: unknown[]
  format?: string
  allOf?: ApiSchema[]
  oneOf?: ApiSchema[]
  anyOf?: ApiSchema[]
  items?: ApiSchema
  properties?: Record<string, ApiSchema>
  required?: string[]
}

const JSON_TYPE = 'application/json'
const FILE = { name: 'data.csv', type: 'text/csv' }
/** Deeper, a schema repeats itself. */
const MAX_DEPTH = 8

/** A request of the operation by the examples of the document: what is required, or the examples of all where nothing is. */
export function operationRequest(document: ApiDocument, path: string, method: string, origin: string): SnippetRequest {
  const operation = document.paths[path]?.[method.toLowerCase()] ?? {}
  const { parameters = [], requestBody, responses = {} } = operation
  const exampleIn = (place: string): [string, string][] =>
    parameters
      .filter((parameter) => parameter.in === place && (parameter.required || place === 'path'))
      .map(({ name, example, schema }) => [name, textOf(example ?? exampleOf(schema, document) ?? name)])
  const filled = exampleIn('path').reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  )
  const query = new URLSearchParams(exampleIn('query')).toString()
  return {
    method: method.toUpperCase(),
    url: `${origin}${filled}${query && `?${query}`}`,
    needsKey: operation.security?.length !== 0,
    answer: answerOf(responses),
    ...bodyOf(requestBody?.content ?? {}, document),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function bodyOf(content: Record<string, ApiContent>, document: ApiDocument): Pick<SnippetRequest, 'json' | 'file'> {
  const json = content[JSON_TYPE]
  if (json) {
    const [first] = Object.values(json.examples ?? {})
    return { json: json.example ?? first?.value ?? exampleOf(json.schema, document) ?? {} }
  }
  return Object.keys(content).length > 0 ? { file: FILE } : {}
}

function answerOf(responses: Record<string, { content?: Record<string, unknown> }>): SnippetRequest['answer'] {
  const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1]
  const types = Object.keys(success?.content ?? {})
  if (types.length === 0) return 'none'
  return types.includes(JSON_TYPE) ? 'json' : 'text'
}

function exampleOf(schema: ApiSchema | undefined, document: ApiDocument, depth = 0): unknown {
  if (!schema || depth > MAX_DEPTH) return undefined
  if (schema.example !== undefined) return schema.example
  if (schema.$ref) return exampleOf(referred(schema.$ref, document), document, depth + 1)
  const all = schema.allOf ?? schema.oneOf?.slice(0, 1) ?? schema.anyOf?.slice(0, 1)
  if (all) return merged(all.map((part) => exampleOf(part, document, depth + 1)))
  if (schema.items) return [exampleOf(schema.items, document, depth + 1)].filter((item) => item !== undefined)
  if (schema.properties) return objectOf(schema, document, depth)
  return schema.default ?? schema.enum?.[0]
}

function objectOf({ properties = {}, required = [] }: ApiSchema, document: ApiDocument, depth: number): object {
  const names = required.length > 0 ? required : Object.keys(properties)
  const entries = names.map((name) => [name, exampleOf(properties[name], document, depth + 1)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null))
}

function merged(values: unknown[]): unknown {
  return values.every((value) => typeof value === 'object') ? Object.assign({}, ...values) : values[0]
}

function referred(reference: string, { components }: ApiDocument): ApiSchema | undefined {
  return components?.schemas?.[reference.split('/').at(-1)!]
}
