import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'

/** Swagger UI at /swagger, the document at /swagger-json. */
export function setUpSwagger(app: NestFastifyApplication): void {
  const description = [
    'Bulk transaction files in, paid and rate-limited answers out.',
    'Press **Authorize**, paste a key (`ch_…`), and try any route. Every answer carries `x-request-id`; every error is',
    '`application/problem+json`.',
  ].join('\n')
  const config = new DocumentBuilder()
    .setTitle('Countinghouse')
    .setDescription(description)
    .setVersion('1')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'apiKey')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'ch_…' }, 'bearer')
    .build()
  SwaggerModule.setup('swagger', app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: 'swagger-json',
    yamlDocumentUrl: 'swagger-yaml',
    customSiteTitle: 'Countinghouse API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, tryItOutEnabled: true },
  })
  // The console is served here once it is built.
  app
    .getHttpAdapter()
    .getInstance()
    .get('/', (_request, reply) => reply.redirect('/swagger'))
}
