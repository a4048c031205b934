import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { AccessPolicy } from './common/access.decorator.js'
import { problemAnswer } from './common/api-docs.decorator.js'
import { ERROR_STATUS } from './common/app-error.js'
import type { Role } from './common/caller.js'
import { rolesFor } from './keys/access-rules.js'

/** In the order in which a newcomer meets them. */
const TAGS: [name: string, description: string][] = [
  ['Queries', 'Ask questions of the datasets; any key with credits'],
  ['Dashboard', 'Ready-made reports, cached; any key, free'],
  ['Real time', 'Events in, live metrics, and streams of what happens; any key'],
  ['Products', 'Categories and products'],
  ['Orders', 'Customers and their orders; each item is also a row of the dataset `transactions`'],
  ['Me', 'The account behind the key'],
  ['Sessions', 'Browsers that are signed in with a key, for the console'],
  ['Ingestion', 'Files in; admins'],
  ['Users', 'Accounts; admins'],
  ['Keys', 'API keys of an account; admins'],
  ['Credits', 'Grants and the ledger; admins'],
  ['Logs and stats', 'What was asked, by whom, and how it went; admins'],
  ['Operations', 'Health and metrics'],
]

/** Swagger UI at /swagger, the document at /swagger-json. */
export function setUpSwagger(app: NestFastifyApplication): void {
  const description = [
    'Bulk transaction files in, paid and rate-limited answers out.',
    'Press **Authorize**, paste a key (`ch_…`), and try any route. Every answer carries `x-request-id`; every error is',
    '`application/problem+json`.',
    'A key of a member may ask as many questions a minute as its rate limit says (RATE_LIMIT_PER_MINUTE unless it has its own) and',
    'call the free routes ten times as often; sending events is not limited. Above that the answer is 429 with `Retry-After`.',
  ].join('\n')
  const config = new DocumentBuilder()
    .setTitle('Countinghouse')
    .setDescription(description)
    .setVersion('1')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'apiKey')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'ch_…' }, 'bearer')
  for (const [name, text] of TAGS) config.addTag(name, text)
  SwaggerModule.setup(
    'swagger',
    app,
    () =>
      completed(
        SwaggerModule.createDocument(app, config.build(), {
          operationIdFactory: (controller, method) =>
            `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
        }),
      ),
    {
      jsonDocumentUrl: 'swagger-json',
      yamlDocumentUrl: 'swagger-yaml',
      customSiteTitle: 'Countinghouse API',
      customCss: '.swagger-ui .topbar { display: none }',
      swaggerOptions: {
        deepLinking: true,
        persistAuthorization: false,
        displayRequestDuration: true,
        tryItOutEnabled: true,
      },
    },
  )
}

/** Says of every operation who may call it, from the table that decides it, and what any body can be refused with. */
function completed(document: OpenAPIObject): OpenAPIObject {
  for (const operations of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(operations as Record<string, Operation>)) {
      const policy = operation['x-access']
      const roles = rolesFor(policy, method.toUpperCase())
      operation['x-roles'] = roles
      const who = policy === 'public' ? 'Anybody, without a key.' : `Roles: ${roles.join(', ')}.`
      operation.description = [operation.description, who].filter(Boolean).join('\n\n')
      if (operation.requestBody === undefined) continue
      for (const code of ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT'] as const)
        operation.responses[ERROR_STATUS[code]] ??= problemAnswer(code)
    }
  }
  return document
}

interface Operation {
  description?: string
  requestBody?: object
  responses: Record<number, object>
  'x-access': AccessPolicy
  'x-roles'?: Role[]
}
