import 'reflect-metadata'
import { createHttpServer } from './bootstrap/http-server.js'
import { runProcess } from './bootstrap/process-lifecycle.js'

await runProcess(async ({ config, logger, tracing }) => {
  const app = await createHttpServer(config, logger, tracing)
  await app.listen({ port: config.port, host: config.host })
  logger.log(`Listening on ${await app.getUrl()} (Swagger UI at /swagger)`, 'Countinghouse')
  return app
})
