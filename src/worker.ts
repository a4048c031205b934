import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'
import { runProcess } from './bootstrap/process-lifecycle.js'
import { serveMonitor } from './bootstrap/worker-monitor.js'

await runProcess(async ({ config, logger }) => {
  config.ingestionWorker = true
  const app = await NestFactory.createApplicationContext(AppModule.register(config), { logger })
  if (config.metricsPort > 0) await serveMonitor(app, config)
  logger.log('Waiting for ingestions', 'Worker')
  return app
})
