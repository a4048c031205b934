import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors/app-error.js'
import { redactApiKeys } from '../redact-api-keys.js'
import { titleOf, typeOf, type Problem } from '../errors/problem.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** what it was refused with; ends in the request log */
    problem?: Pick<Problem, 'code' | 'detail'>
  }
}

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'VALIDATION_FAILED',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'VALIDATION_FAILED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'VALIDATION_FAILED',
  415: 'UNSUPPORTED_FORMAT',
  429: 'RATE_LIMITED',
  431: 'VALIDATION_FAILED',
  503: 'UNAVAILABLE',
}

/** The only place that knows HTTP and errors both: everything thrown becomes one `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem')

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const request = http.getRequest<FastifyRequest>()
    const reply = http.getResponse<FastifyReply>()
    const error = toAppError(thrown)
    if (ERROR_STATUS[error.code] >= 500) this.report(error, thrown, request)
    // The answer has begun: breaking the connection is the only honest way to say that it is not whole.
    if (reply.raw.headersSent) {
      reply.raw.destroy()
      return
    }
    sendProblem(error, request, reply)
  }

  private report(error: AppError, thrown: unknown, request: FastifyRequest): void {
    // Whoever left before the answer is no fault of ours.
    if (request.raw.socket.destroyed && error.code === 'UNAVAILABLE') return
    const cause = error.options.cause ?? thrown
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    const what = `${request.id} ${request.method} ${request.routeOptions.url ?? ''}: ${error.message}`
    this.logger.error(redactApiKeys(`${what}\n${text}`))
  }
}

/** Writes any error as a problem; for the places that the framework answers without a filter. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toAppError(thrown)
  if (error.code === 'PAYLOAD_TOO_LARGE' || error.code === 'INSUFFICIENT_STORAGE') {
    // Closing on a client that is still sending would reset the connection before it can read why.
    reply.removeHeader('connection')
    request.raw.resume()
  }
  const problem = (request.problem = problemOf(error, request.id))
  void reply
    .code(problem.status)
    .headers(error.options.headers ?? {})
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}

/** The body of an error answer. Keys that people put where names belong do not come back. */
export function problemOf(error: AppError, requestId: string): Problem {
  return {
    type: typeOf(error.code),
    title: titleOf(error.code),
    status: ERROR_STATUS[error.code],
    detail: redactApiKeys(error.message),
    code: error.code,
    requestId,
    errors: (error.options.errors ?? []).map(({ path, message }) => ({
      path: redactApiKeys(path),
      message: redactApiKeys(message),
    })),
    ...error.options.extra,
  }
}

/** Our own refusals pass; the framework's are given their code; all else is INTERNAL and says nothing of itself. */
function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusCodeOf(thrown)
  const code = status === undefined ? undefined : CODE_OF_STATUS[status]
  if (code && status! < 500) return new AppError(code, (thrown as Error).message, { cause: thrown })
  if (code === 'UNAVAILABLE') return new AppError(code, 'The service is not available right now; try again.')
  return new AppError('INTERNAL', 'Something went wrong on our side; the request id finds it in the log.', {
    cause: thrown,
  })
}

/** Fastify's own errors (a body that is too large, not JSON, of an unknown type) carry a statusCode. */
function statusCodeOf(thrown: unknown): number | undefined {
  const code = (thrown as { statusCode?: unknown } | null)?.statusCode
  return typeof code === 'number' ? code : undefined
}
