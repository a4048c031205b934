import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import type { INestApplication } from '@nestjs/common'
import type { RoutePolicy } from '../common/decorators/access.decorator.js'
import { problemResponse } from '../common/decorators/api-docs.decorator.js'
import { ERROR_STATUS } from '../common/errors/app-error.js'
import type { Role } from '../common/principal.js'
import { rolesFor } from '../auth/access-rules.js'
import { addFormats, type Schema } from './openapi-schemas.js'

/** In the order in which a newcomer meets them. */
const TAGS: [name: string, description: string][] = [
  ['Queries', 'Query the datasets; any key with credits'],
  ['Endpoints', 'Named queries with a URL, parameters and a cost; any key with access calls them, admins declare them'],
  ['Boards', 'Saved queries, and dashboards of them; any key, free; what a tile queries is charged as a query'],
  ['Agents', 'The Model Context Protocol: datasets and endpoints as tools'],
  ['Dashboard', 'Ready-made reports, cached; any key, free'],
  [
    'Real time',
    'Events in, live metrics, and streams of what happens; any key reads, admins and keys with sendEvents send',
  ],
  ['Products', 'Categories and products; any key reads, admins change'],
  [
    'Orders',
    'Customers and their orders; each item is also a row of the dataset `transactions`; viewers read, admins change',
  ],
  ['Me', 'The account behind the key'],
  ['Sessions', 'Browsers that are signed in with a key, for the console'],
  ['Datasets', 'Datasets that the operator declares; viewers read, admins change'],
  ['Ingestion', 'Files in; viewers read, admins load'],
  ['Sources', 'Where the files of a dataset are pulled from; viewers read, admins change'],
  ['Users', 'Accounts; viewers read, admins change'],
  ['Plans', 'Credits that users are granted at the start of each period; viewers read, admins change'],
  ['Keys', 'API keys of an account; viewers read, admins change'],
  ['Credits', 'Grants and the ledger; viewers read, admins change'],
  ['Webhooks', 'URLs that are told of events; viewers read, admins change'],
  ['Logs and stats', 'Requests, who sent them and how they ended; admins and viewers'],
  ['Operations', 'Health, metrics and the configuration in force'],
]

/** The OpenAPI document of every route that the application serves. */
export function openApiDocumentOf(app: INestApplication): OpenAPIObject {
  const description = [
    'Bulk transaction files in, metered and rate-limited query results out.',
    'Press **Authorize**, paste a key (`ch_…`), and try any route. Every response carries `x-request-id`; every error is',
    '`application/problem+json`.',
    'A key of a member may execute as many queries a minute as its rate limit says (RATE_LIMIT_PER_MINUTE unless it has its own) and',
    'call the free routes ten times as often; sending events is not limited. Above that the response is 429 with `Retry-After`.',
    '',
    'A path that is called with another method than those listed is answered with 405 `METHOD_NOT_ALLOWED`, and the header',
    '`Allow` names the methods. Numbers of the format `decimal` are exact: read them as text where a double would round.',
  ].join('\n')
  const config = new DocumentBuilder()
    .setTitle('Countinghouse')
    .setDescription(description)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'apiKey')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'ch_…' }, 'bearer')
  for (const [name, text] of TAGS) config.addTag(name, text)
  const document = SwaggerModule.createDocument(app, config.build(), {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  })
  return completed(document)
}

/** Says of every operation who may call it, from the table that decides it, and what any body can be refused with. */
function completed(document: OpenAPIObject): OpenAPIObject {
  addFormats(document)
  const shared: Record<string, Problem> = {}
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations as Record<string, Operation>)) {
      const policy = operation['x-access']
      const roles = rolesFor(policy, method.toUpperCase())
      operation['x-roles'] = roles
      if (policy === 'public') operation.security = []
      const who =
        policy === 'public'
          ? 'No key needed.'
          : `Roles: ${roles.join(', ')}${policy === 'events' ? '; also users and keys with sendEvents' : ''}.`
      operation.description = [operation.description, who].filter(Boolean).join('\n\n')
      for (const parameter of operation.parameters ?? []) {
        describeExample(parameter)
        // What UuidParam checks; ids of /users/{id} are those of a users file.
        if (parameter.in === 'path' && /^id$|Id$/.test(parameter.name) && !path.startsWith('/users/'))
          parameter.schema!.format = 'uuid'
      }
      operation.responses[ERROR_STATUS.NOT_ACCEPTABLE] ??= problemResponse('NOT_ACCEPTABLE')
      if (operation.requestBody !== undefined)
        for (const code of ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT'] as const)
          operation.responses[ERROR_STATUS[code]] ??= problemResponse(code)
      shareProblems(operation, shared)
    }
  }
  document.components!.responses = shared
  return document
}

/** Each error response stands once in the document, under its codes. */
function shareProblems({ responses }: Operation, shared: Record<string, Problem>): void {
  for (const [status, response] of Object.entries(responses)) {
    const name = (response as Partial<Problem>)['x-codes']?.join('.')
    if (name === undefined) continue
    shared[name] ??= response as Problem
    responses[Number(status)] = { $ref: `#/components/responses/${name}` }
  }
}

type Problem = ReturnType<typeof problemResponse>

/**
 * Swagger UI fills the examples of parameters in, and a list that is filtered by all of its examples is empty. So the
 * example of one that may be left out is told in its description instead.
 */
function describeExample(parameter: Parameter): void {
  const example = parameter.schema?.example
  if (parameter.in !== 'query' || parameter.required || example === undefined) return
  delete parameter.schema!.example
  const text = typeof example === 'string' ? example : JSON.stringify(example)
  parameter.description = [parameter.description?.replace(/\.?$/, '.'), text && `Example: \`${text}\`.`]
    .filter(Boolean)
    .join(' ')
}

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

interface Operation {
  description?: string
  parameters?: Parameter[]
  requestBody?: object
  responses: Record<number, object>
  security?: object[]
  'x-access': RoutePolicy
  'x-roles'?: Role[]
}
