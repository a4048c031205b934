import 'reflect-metadata'
import { runProcess } from '../../src/bootstrap/process-lifecycle.js'
import { createHttpServer } from '../../src/bootstrap/http-server.js'
import { RootKeyPrinter } from '../../src/auth/api-keys/root-key.service.js'
import { runDemo } from './run-demo.js'

// The demo prints its own story; only what goes wrong is logged, also while the engines start.
process.env.LOG_LEVEL ??= 'warn'

/** Printed at the end, beside the customer's, instead of somewhere in the middle. */
let rootKey: string | undefined
RootKeyPrinter.prototype.show = (key) => (rootKey = key)

await runProcess(
  async ({ config, logger }) => {
    const app = await createHttpServer(config, logger)
    await app.listen({ port: config.port, host: config.host })
    return app
  },
  (app, { config }) => runDemo(app, config, rootKey),
)
