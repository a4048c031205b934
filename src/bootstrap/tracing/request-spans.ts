import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { context, propagation, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Asked every few seconds by machines; nobody reads their traces. */
const UNTRACED = /^\/(health\/|metrics$)/

/** A span for each request, within the trace that its `traceparent` header names. */
export function traceRequests(app: NestFastifyApplication, tracer: Tracer): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url
    if (route && UNTRACED.test(route)) return done()
    const parent = propagation.extract(context.active(), request.headers)
    const span = tracer.startSpan(nameOf(request), { kind: SpanKind.SERVER, attributes: attributesOf(request) }, parent)
    // As with the request log: the response's `close` comes once, also when the client goes away.
    reply.raw.on('close', () => end(span, request, reply))
    context.with(trace.setSpan(parent, span), done)
  })
}

function nameOf({ method, routeOptions }: FastifyRequest): string {
  return routeOptions.url ? `${method} ${routeOptions.url}` : method
}

/** Without the query string, where people put secrets. */
function attributesOf({ method, routeOptions, id }: FastifyRequest): Record<string, string> {
  const route = routeOptions.url
  return { 'http.request.method': method, ...(route && { 'http.route': route }), 'countinghouse.request.id': id }
}

function end(span: Span, request: FastifyRequest, reply: FastifyReply): void {
  const status = reply.raw.statusCode
  span.setAttribute('http.response.status_code', status)
  if (request.creditsCharged !== undefined) span.setAttribute('countinghouse.credits.charged', request.creditsCharged)
  if (!reply.raw.writableFinished && status !== 101) span.setAttribute('countinghouse.client.left', true)
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
