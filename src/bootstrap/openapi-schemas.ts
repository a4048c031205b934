import type { OpenAPIObject } from '@nestjs/swagger'

/** What is read and written here of a schema. */
export interface Schema {
  type?: string
  format?: string
  maxLength?: number
  example?: unknown
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
}

const FORMATS: [format: string, pattern: RegExp][] = [
  ['uuid', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/],
  ['date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/],
  ['date', /^\d{4}-\d\d-\d\d$/],
]

/**
 * Tells formats apart, in every schema of the document. A number is a count, so an integer, unless the DTO says
 * `decimal` (exact) or `double`. Text has the format of its example unless the DTO says another.
 */
export function addFormats(document: OpenAPIObject): void {
  for (const schema of schemasOf(document)) visit(schema, tellFormat)
}

function tellFormat(schema: Schema): void {
  if (schema.format !== undefined) return
  if (schema.type === 'number') schema.type = 'integer'
  // A text that may be of any length has a certain form in its example only.
  if (schema.type !== 'string' || typeof schema.example !== 'string' || schema.maxLength !== undefined) return
  const text = schema.example
  const format = FORMATS.find(([, pattern]) => pattern.test(text))?.[0]
  if (format !== undefined) schema.format = format
}

function visit(schema: Schema, change: (schema: Schema) => void): void {
  change(schema)
  const { properties = {}, additionalProperties, items, allOf = [], oneOf = [] } = schema
  const parts = [...Object.values(properties), ...allOf, ...oneOf]
  if (items) parts.push(items)
  if (typeof additionalProperties === 'object') parts.push(additionalProperties)
  for (const part of parts) visit(part, change)
}

/** Of components, parameters, bodies and responses. */
function schemasOf({ components, paths }: OpenAPIObject): Schema[] {
  const operations = Object.values(paths).flatMap((path) => Object.values(path as Record<string, Operation>))
  const contents = operations.flatMap(({ requestBody, responses }) =>
    [requestBody, ...Object.values(responses)].flatMap((body) => Object.values(body?.content ?? {})),
  )
  const placed = [...operations.flatMap(({ parameters = [] }) => parameters), ...contents]
  return [
    ...Object.values((components?.schemas ?? {}) as Record<string, Schema>),
    ...placed.flatMap(({ schema }) => schema ?? []),
  ]
}

interface Content {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  parameters?: { schema?: Schema }[]
  requestBody?: Content
  responses: Record<string, Content>
}
