import { SwaggerModule } from '@nestjs/swagger'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { openApiDocumentOf } from './openapi-document.js'

/** Swagger UI at /swagger, the document at /swagger-json. */
export function setUpSwagger(app: NestFastifyApplication): void {
  SwaggerModule.setup('swagger', app, () => openApiDocumentOf(app), {
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
  })
}
