import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { INestApplicationContext } from '@nestjs/common'
import { register } from 'prom-client'
import { KeyAuthenticator } from '../auth/key-authenticator.service.js'
import type { Config } from '../config/config.js'
import { HealthService } from '../health/health.service.js'

/**
 * A worker serves no API; this is what a monitor needs of it, on METRICS_PORT: /health/live, /health/ready and, with
 * METRICS_TOKEN, /metrics.
 */
export async function serveMonitor(app: INestApplicationContext, config: Config): Promise<void> {
  const server = createServer((request, response) => {
    answer(app, request, response).catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((done, failed) => {
    server.once('error', failed).listen(config.metricsPort, config.host, done)
  })
  // It must not keep the process alive: there is nothing to finish.
  server.unref()
}

async function answer(app: INestApplicationContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?', 1)[0]
  if (path === '/health/live') return sendJson(response, 200, { status: 'ok' })
  if (path === '/health/ready') {
    const health = await app.get(HealthService).check()
    return sendJson(response, health.status === 'ok' ? 200 : 503, health)
  }
  if (path !== '/metrics') return sendJson(response, 404, { status: 'not found' })
  if (!app.get(KeyAuthenticator).isMetricsToken(bearerOf(request))) {
    return sendJson(response, 401, { status: 'send Authorization: Bearer METRICS_TOKEN' })
  }
  response.writeHead(200, { 'content-type': register.contentType }).end(await register.metrics())
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
