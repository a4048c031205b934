import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'
import { runProcess } from './bootstrap/process-lifecycle.js'
import { traced } from './bootstrap/tracing/traced-application.js'
import { serveMonitor } from './bootstrap/worker-monitor.js'

await runProcess(async ({ config, logger, tracing }) => {
  config.ingestionWorker = true
  const app = await NestFactory.createApplicationContext(traced(AppModule.register(config), tracing), { logger })
  if (config.metricsPort > 0) await serveMonitor(app, config)
  logger.log('Waiting for ingestions', 'Worker')
  return app
})
