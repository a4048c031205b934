import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { OpenAPIObject } from '@nestjs/swagger'
import { AppModule } from '../app.module.js'
import { Config } from '../config/config.js'
import { openApiDocumentOf } from './openapi-document.js'

/** The document of a server with default settings, without one: Nest's preview mode makes no provider, so no engine starts. */
export async function previewOpenApiDocument(): Promise<OpenAPIObject> {
  const app = await NestFactory.create(AppModule.register(new Config()), new FastifyAdapter(), {
    preview: true,
    logger: ['error', 'fatal'],
  })
  return openApiDocumentOf(app)
}
