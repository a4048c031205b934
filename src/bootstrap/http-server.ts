import multipart from '@fastify/multipart'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { LoggerService } from '@nestjs/common'
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify'
import { isUtf8 } from 'node:buffer'
import { AppModule } from './app.module.js'
import { AppError, NotFoundError } from './common/app-error.js'
import { hasBody } from './common/has-body.js'
import { newId } from './common/new-id.js'
import { sendProblem } from './common/problem.filter.js'
import { refuseRoundedNumbers } from './common/rounded-number.js'
import { withoutKeys } from './common/without-keys.js'
import type { Config } from './config/config.js'
import { registerQuickAnswers } from './analytics/quick-answers.hook.js'
import { serveConsole } from './console.js'
import { endConnectionsAtShutdown } from './connections-at-shutdown.js'
import { registerAccessControl } from './keys/access.hook.js'
import { registerRequestLog, type RequestLogger } from './logs/request-log.hook.js'
import { passUploadsAsStreams } from './ingestion/upload-body.hook.js'
import { answerUnreadable } from './unreadable-request.js'
import { setUpSwagger } from './swagger.js'
import { routeWebSocketUpgrades } from './websocket-upgrades.js'

/** A JSON body larger than this is refused with 413; uploads are streams and have MAX_UPLOAD_BYTES instead. */
const MAX_JSON_BYTES = 1024 * 1024

/** The application behind HTTP, ready to listen. */
export async function createHttpServer(config: Config, logger: LoggerService): Promise<NestFastifyApplication> {
  const requestLog: { logger?: RequestLogger } = {}
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_JSON_BYTES,
    trustProxy: config.trustProxy,
    genReqId: newId,
    requestIdHeader: false,
    // A request in flight may finish at shutdown; process-lifecycle's timer cuts those that never do.
    forceCloseConnections: 'idle',
    // Requests on open connections are refused in our own words, see endConnectionsAtShutdown.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    // A URL that cannot be read reaches no hook and no filter.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      requestLog.logger?.(request, reply.header('x-request-id', request.id))
      sendProblem(isTooLongId(error) ? new NotFoundError('What this id names') : error, request, reply)
    },
    clientErrorHandler: answerUnreadable,
  })
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(config), adapter, { logger })
  await app.register(multipart)
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    done()
  })
  readJsonAsUtf8(app)
  requestLog.logger = registerRequestLog(app)
  endConnectionsAtShutdown(app)
  registerAccessControl(app)
  registerQuickAnswers(app)
  forgetTypesOfNothing(fastify)
  refuseForeignBodies(fastify)
  routeWebSocketUpgrades(app)
  passUploadsAsStreams(app)
  setUpSwagger(app)
  await serveConsole(app)
  return app
}

function isTooLongId(error: Error): boolean {
  return (error as { code?: unknown }).code === 'FST_ERR_MAX_PARAM_LENGTH'
}

/**
 * JSON is UTF-8 (RFC 8259); the parser would put a replacement character where it is not. It would also round numbers
 * without a word.
 */
function readJsonAsUtf8(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  const parse = fastify.getDefaultJsonParser('error', 'error')
  app.useBodyParser<RawServerDefault>(
    'application/json',
    { bodyLimit: MAX_JSON_BYTES },
    (request, body: Buffer, done) => {
      if (!isUtf8(body)) return done(new AppError('VALIDATION_FAILED', 'The body is not valid UTF-8.'))
      const text = body.toString()
      void parse(request, text, (error, value) => {
        if (error) return done(error)
        try {
          refuseRoundedNumbers(text)
        } catch (refusal) {
          return done(refusal as Error)
        }
        done(null, value)
      })
    },
  )
}

/** Clients that name a type with every request also name one where they send nothing. */
function forgetTypesOfNothing(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ headers }, _reply, done) => {
    if (!hasBody(headers)) delete headers['content-type']
    done()
  })
}

/** Fastify and Nest would also take texts and forms, which a DTO then refuses for the wrong reason. */
function refuseForeignBodies(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', ({ headers, is404, method, url, routeOptions }, _reply, _payload, done) => {
    if (!hasBody(headers) || routeOptions.config.streamBody) return done()
    // What is sent to nobody is not read: whether it is JSON does not matter.
    if (is404) return done(new AppError('NOT_FOUND', `Cannot ${method} ${withoutKeys(url)}`))
    done(isPlainJson(headers) ? undefined : new AppError('UNSUPPORTED_FORMAT', JSON_ONLY))
  })
}

const JSON_ONLY = 'The body must be application/json, and not compressed.'

function isPlainJson(headers: FastifyRequest['headers']): boolean {
  const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity'
  return isPlain && /^application\/json *(;|$)/i.test(headers['content-type'] ?? '')
}
