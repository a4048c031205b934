import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'
import { runProcess } from './bootstrap/process-lifecycle.js'

await runProcess(async ({ config, logger }) => {
  config.ingestionWorker = true
  const app = await NestFactory.createApplicationContext(AppModule.register(config), { logger })
  logger.log('Waiting for ingestions', 'Worker')
  return app
})
