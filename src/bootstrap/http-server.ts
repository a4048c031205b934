import multipart from '@fastify/multipart'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { LoggerService } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuseOtherMethods } from './allowed-methods.js'
import { RestCalls } from '../analytics/mcp/rest-calls.js'
import { AppModule } from '../app.module.js'
import { NotFoundError } from '../common/errors/app-error.js'
import { newId } from '../common/new-id.js'
import { sendProblem } from '../common/filters/problem.filter.js'
import { keepForwardedAddresses, trustProxyOf } from '../common/http/trusted-proxies.js'
import type { Config } from '../config/config.js'
import { serveConsole } from './console.js'
import { allowOtherOrigins } from './cross-origin.js'
import { limitConnections } from './connection-limits.js'
import { endConnectionsAtShutdown } from './connections-at-shutdown.js'
import { registerRequestLog, type RequestLogger } from '../logs/request-log.hook.js'
import { securityHeadersOf, sendSecurityHeaders } from './security-headers.js'
import { traced } from './tracing/traced-application.js'
import type { Tracing } from './tracing/tracing.js'
import { refuseUnreadableRequest } from './unreadable-request.js'
import { setUpSwagger } from './swagger.js'
import { leaveBodiesUnread } from './unread-bodies.js'
import { routeWebSocketUpgrades } from './websocket-upgrades.js'

/** The application behind HTTP, ready to listen. */
export async function createHttpServer(
  config: Config,
  logger: LoggerService,
  tracing?: Tracing,
): Promise<NestFastifyApplication> {
  const requestLog: { logger?: RequestLogger } = {}
  const adapter = new FastifyAdapter({
    trustProxy: trustProxyOf(config.trustProxy),
    // How soon Node notices headers that do not come.
    http: { connectionsCheckingInterval: 5_000 },
    genReqId: newId,
    requestIdHeader: false,
    // A request in flight may finish at shutdown; process-lifecycle's timer cuts those that never do.
    forceCloseConnections: 'idle',
    // Requests on open connections are refused in our own words, see endConnectionsAtShutdown.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    // A URL that cannot be read reaches no hook and no filter.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      keepForwardedAddresses(request.headers)
      void reply.headers(securityHeadersOf(request))
      requestLog.logger?.(request, reply.header('x-request-id', request.id))
      sendProblem(isTooLongId(error) ? new NotFoundError('The record with this id') : error, request, reply)
    },
    clientErrorHandler: refuseUnreadableRequest,
  })
  const app = await NestFactory.create<NestFastifyApplication>(traced(AppModule.register(config), tracing), adapter, {
    logger,
    bodyParser: false,
  })
  tracing?.traceRequests(app)
  await app.register(multipart)
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onRequest', (request, reply, done) => {
    keepForwardedAddresses(request.headers)
    void reply.header('x-request-id', request.id)
    done()
  })
  sendSecurityHeaders(app)
  await allowOtherOrigins(app, config)
  limitConnections(app, config)
  requestLog.logger = registerRequestLog(app)
  app.get(RestCalls).registerHook()
  refuseOtherMethods(app)
  endConnectionsAtShutdown(app)
  leaveBodiesUnread(app)
  routeWebSocketUpgrades(app)
  setUpSwagger(app)
  await serveConsole(app)
  return app
}

function isTooLongId(error: Error): boolean {
  return (error as { code?: unknown }).code === 'FST_ERR_MAX_PARAM_LENGTH'
}
