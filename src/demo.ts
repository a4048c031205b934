import 'reflect-metadata'
import { runProcess } from './process-lifecycle.js'
import { createHttpServer } from './http-server.js'
import { runDemo } from './demo/run-demo.js'

await runProcess(async ({ config, logger }) => {
  // The demo prints its own story; only what goes wrong is logged.
  logger.setLogLevels(['fatal', 'error', 'warn'])
  const app = await createHttpServer(config, logger)
  await app.listen({ port: config.port, host: config.host })
  await runDemo(app, config)
  return app
})
