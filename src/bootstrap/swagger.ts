import { SwaggerModule } from '@nestjs/swagger'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WEB_DIR } from './console.js'
import { openApiDocumentOf } from './openapi-document.js'

/** web/src/swagger: each route's call in curl, TypeScript and Python. */
const CODE_SCRIPT = '/swagger-code.js'
const CODE_STYLE = `
.swagger-ui .code-panel pre { margin: 12px 20px; padding: 12px; overflow: auto; max-height: 360px; background: #1f2933; color: #fff; border-radius: 4px; font-size: 12px; white-space: pre }
.swagger-ui .code-panel .opblock-section-header { flex-wrap: wrap; gap: 8px }
.swagger-ui .code-panel .btn { padding: 4px 12px; font-size: 12px }
.swagger-ui .code-panel .btn[aria-pressed=true] { background: #3b4151; color: #fff }
.swagger-ui .code-panel > .btn { margin: 0 20px 16px }
`

/** Swagger UI at /swagger, the document at /swagger-json. */
export function setUpSwagger(app: NestFastifyApplication): void {
  const script = join(WEB_DIR, CODE_SCRIPT)
  const fastify = app.getHttpAdapter().getInstance()
  fastify.get(CODE_SCRIPT, async (_request, reply) => {
    const text = await readFile(script, 'utf8')
    return reply.header('cache-control', 'no-cache').type('text/javascript; charset=utf-8').send(text)
  })
  SwaggerModule.setup('swagger', app, () => openApiDocumentOf(app), {
    jsonDocumentUrl: 'swagger-json',
    yamlDocumentUrl: 'swagger-yaml',
    customSiteTitle: 'Countinghouse API',
    customCss: `.swagger-ui .topbar { display: none } ${CODE_STYLE}`,
    customJs: existsSync(script) ? CODE_SCRIPT : [],
    swaggerOptions: {
      deepLinking: true,
      persistAuthorization: false,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      // Sent to the page as its text, where the script above has set it.
      plugins: [() => (globalThis as { countinghouseCode?: object }).countinghouseCode ?? {}],
    },
  })
}
