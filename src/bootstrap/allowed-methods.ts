import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyContextConfig } from 'fastify'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import { sendProblem } from '../common/filters/problem.filter.js'

/** Where @fastify/cors takes OPTIONS, of any path; what is no preflight passes on to here. */
const PREFLIGHTS = '*'

interface KnownPath {
  pattern: RegExp
  methods: Set<string>
}

/**
 * Answers a path that is there for other methods with 405 and names them in `Allow`, HEAD of a charged route too; a path that is
 * nowhere stays 404.
 * Call it before the routes are registered.
 */
export function refuseOtherMethods(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  const paths = new Map<string, KnownPath>()
  fastify.addHook('onRoute', ({ url, method, config }) => {
    if (url === PREFLIGHTS || isPaidHead(method, config)) return
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() }
    for (const each of [method].flat()) known.methods.add(each)
    paths.set(url, known)
  })
  fastify.addHook('onRequest', (request, reply, done) => {
    const isNoPreflight = request.routeOptions.url === PREFLIGHTS
    const isRefused = request.is404 || isNoPreflight || isPaidHead(request.method, request.routeOptions.config)
    if (!isRefused) return done()
    const methods = allowedFor(request.url.split(/[?#]/, 1)[0]!, paths)
    const error = methods.length === 0 ? undefined : methodNotAllowed(request.method, methods)
    // That route is from before Nest's error handler.
    if (isNoPreflight) return sendProblem(error ?? new NotFoundError('This path'), request, reply)
    done(error)
  })
}

/** Fastify adds HEAD to each GET: of a charged route it would take credits for an empty response. */
function isPaidHead(method: string | string[], config?: FastifyContextConfig): boolean {
  return method === 'HEAD' && config?.charged !== undefined
}

function allowedFor(path: string, paths: ReadonlyMap<string, KnownPath>): string[] {
  const methods = [...paths.values()].filter(({ pattern }) => pattern.test(path)).flatMap((known) => [...known.methods])
  return [...new Set(methods)].sort()
}

function methodNotAllowed(method: string, allowed: readonly string[]): AppError {
  const useful = allowed.filter((each) => each !== 'HEAD')
  return new AppError('METHOD_NOT_ALLOWED', `${method} is not possible here; use ${useful.join(' or ')}.`, {
    headers: { allow: allowed.join(', ') },
  })
}

/** `/v1/products/:id` -> `^/v1/products/[^/]+$`; `*` stands for any rest. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+'
    return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('/')}$`)
}
