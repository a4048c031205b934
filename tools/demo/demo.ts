import 'reflect-metadata'
import { runProcess } from '../../src/bootstrap/process-lifecycle.js'
import { createHttpServer } from '../../src/bootstrap/http-server.js'
import { runDemo } from './run-demo.js'

await runProcess(
  async ({ config, logger }) => {
    // The demo prints its own story; only what goes wrong is logged.
    logger.setLogLevels(['fatal', 'error', 'warn'])
    const app = await createHttpServer(config, logger)
    await app.listen({ port: config.port, host: config.host })
    return app
  },
  (app, { config }) => runDemo(app, config),
)
