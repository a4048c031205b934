import { problemResponse } from '../../common/decorators/api-docs.decorator.js'
import { ERROR_STATUS, type ErrorCode } from '../../common/errors/app-error.js'
import type { ColumnType } from '../../datasets/dataset-definition.js'
import { FORMAT_NAMES, MEDIA_TYPES } from '../execution/response-formats.js'
import { FORMAT_PARAMETER } from './check-endpoint.js'
import type { AvailableEndpoint, AvailableParameter, OpenApiDocument } from './endpoint.dto.js'
import type { ParameterType } from './endpoint.js'

type Schema = Record<string, unknown>

const REFUSALS: ErrorCode[] = [
  'VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'INSUFFICIENT_CREDITS',
  'NOT_FOUND',
  'NOT_ACCEPTABLE',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'QUERY_TIMEOUT',
]

const PARAMETER_SCHEMAS: Record<ParameterType, Schema> = {
  text: { type: 'string' },
  number: { type: 'number', format: 'decimal' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
}

/** Text is empty where it is not set, all else null. */
const COLUMN_SCHEMAS: Record<ColumnType, Schema> = {
  text: { type: 'string' },
  boolean: { type: ['boolean', 'null'] },
  date: { type: ['string', 'null'], format: 'date' },
  timestamp: { type: ['string', 'null'], format: 'date-time' },
  decimal: { type: ['number', 'null'], format: 'decimal' },
  integer: { type: ['integer', 'null'] },
  number: { type: ['number', 'null'], format: 'double' },
}

/** An OpenAPI document of these endpoints and nothing else. */
export function endpointsDocument(endpoints: readonly AvailableEndpoint[]): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Endpoints',
      version: '1',
      description:
        'Named queries, each with its parameters and the columns of its results. Every response carries `x-request-id`; ' +
        'every error is `application/problem+json`. Numbers of the format `decimal` are exact: read them as text where a ' +
        'double would round.',
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: '/', description: 'This server' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    tags: [{ name: 'Endpoints', description: 'Named queries' }],
    paths: Object.fromEntries(endpoints.map((endpoint) => [endpoint.path, { get: operationOf(endpoint) }])),
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Problem: PROBLEM, ...(endpoints.length > 0 && SHARED) },
      responses: Object.fromEntries(REFUSALS.map((code) => [code, problemResponse(code)])),
    },
  }
}

function operationOf(endpoint: AvailableEndpoint): Schema {
  const { name, title, description, parameters, costCredits, exportCostCredits, perMillionRows } = endpoint
  const asFile =
    exportCostCredits === costCredits ? '' : ` As a file ${costInWords(exportCostCredits, perMillionRows)}.`
  const cost = `Costs ${costInWords(costCredits, perMillionRows)}.${asFile}`
  return {
    // As it is: two names may differ in a separator alone.
    operationId: name,
    tags: ['Endpoints'],
    summary: title,
    description: [description, cost].filter(Boolean).join('\n\n'),
    'x-cost-credits': costCredits,
    'x-cost-per-million-rows': perMillionRows,
    parameters: [...parameters.map(parameterOf), FORMAT, IF_NONE_MATCH],
    responses: {
      200: resultOf(endpoint),
      304: { description: 'The result is the one that the client has', headers: CREDIT_HEADERS },
      ...Object.fromEntries(REFUSALS.map((code) => [ERROR_STATUS[code], { $ref: `#/components/responses/${code}` }])),
    },
  }
}

/** `3 credits and 2 for each million rows read` */
export function costInWords(credits: number, perMillionRows: number): string {
  const base = `${credits} ${credits === 1 ? 'credit' : 'credits'}`
  return perMillionRows === 0 ? base : `${base} and ${perMillionRows} for each million rows read`
}

function parameterOf(parameter: AvailableParameter): Schema {
  const { name, required, repeatable, description } = parameter
  const several = repeatable ? 'May be given several times: any of the values.' : ''
  return {
    name,
    in: 'query',
    required,
    description: [description, several].filter(Boolean).join(' ') || name,
    ...(repeatable && { style: 'form', explode: true }),
    schema: parameterSchema(parameter),
  }
}

/** One value, or any of several where the parameter may be repeated. */
export function parameterSchema({ type, values, repeatable, default: preset }: AvailableParameter): Schema {
  const one = { ...PARAMETER_SCHEMAS[type], ...(values && { enum: values.map((value) => shownValue(type, value)) }) }
  const presets = preset === undefined ? [] : [preset].flat().map((value) => shownValue(type, value))
  return {
    ...(repeatable ? { oneOf: [one, { type: 'array', items: one }] } : one),
    ...(presets.length > 0 && { default: presets.length === 1 ? presets[0] : presets }),
  }
}

/** A number may be written as text in a declaration, for its digits. */
function shownValue(type: ParameterType, value: string | number | boolean): string | number | boolean {
  if (type === 'number') return Number(value)
  return type === 'boolean' ? String(value) === 'true' : value
}

function resultOf({ columns }: AvailableEndpoint): Schema {
  const row = {
    type: 'object',
    required: columns.map(({ name }) => name),
    properties: Object.fromEntries(columns.map(({ name, type }) => [name, COLUMN_SCHEMAS[type as ColumnType]])),
    additionalProperties: false,
  }
  const result = {
    type: 'object',
    required: ['data', 'columns', 'page', 'query', 'credits'],
    properties: {
      data: { type: 'array', items: row },
      columns: { type: 'array', items: { $ref: '#/components/schemas/Column' } },
      page: { $ref: '#/components/schemas/Page' },
      query: { $ref: '#/components/schemas/QueryFacts' },
      credits: { $ref: '#/components/schemas/Credits' },
    },
  }
  const content = MEDIA_TYPES.map((type) => [type, type === 'application/json' ? { schema: result } : {}])
  return { description: 'The result', headers: CREDIT_HEADERS, content: Object.fromEntries(content) as Schema }
}

const FORMAT: Schema = {
  name: FORMAT_PARAMETER,
  in: 'query',
  required: false,
  description: 'The format of the response; goes before `Accept`.',
  schema: { type: 'string', enum: FORMAT_NAMES, default: FORMAT_NAMES[0] },
}

const IF_NONE_MATCH: Schema = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` of an earlier response: 304 where the result is still that one.',
  schema: { type: 'string' },
}

const CREDIT_HEADERS: Schema = {
  ETag: { description: 'of the result', schema: { type: 'string' } },
  'x-credits-charged': { description: 'credits that this request cost', schema: { type: 'integer' } },
  'x-credits-remaining': { description: 'credits that are left', schema: { type: 'integer' } },
}

const text = { type: 'string' }
const integer = { type: 'integer' }

function object(properties: Record<string, Schema>): Schema {
  return { type: 'object', required: Object.keys(properties), properties }
}

const SHARED: Record<string, Schema> = {
  Column: object({ name: text, type: { type: 'string', enum: Object.keys(COLUMN_SCHEMAS) } }),
  Page: object({
    limit: integer,
    offset: integer,
    returned: integer,
    total: { type: ['integer', 'null'] },
  }),
  QueryFacts: object({
    id: text,
    dataset: text,
    cached: { type: 'boolean' },
    elapsedMs: { type: 'number', format: 'double' },
    rowsRead: integer,
  }),
  Credits: object({ charged: integer, remaining: integer }),
}

const PROBLEM_FIELDS = object({
  type: text,
  title: text,
  status: integer,
  detail: text,
  code: { type: 'string', enum: Object.keys(ERROR_STATUS) },
  requestId: text,
  errors: { type: 'array', items: object({ path: text, message: text }) },
})

const PROBLEM: Schema = {
  ...PROBLEM_FIELDS,
  properties: {
    ...(PROBLEM_FIELDS.properties as Schema),
    required: { ...integer, description: '402: the credits that the request costs' },
    balance: { ...integer, description: '402: the credits that are left' },
  },
}
