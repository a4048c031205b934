import { Catch, type ArgumentsHost } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { ProblemFilter } from '../common/filters/problem.filter.js'

/** Frees the Idempotency-Key of a request that failed, whichever guard, interceptor or handler it was, before it is told. */
@Catch()
export class IdempotencyFilter extends ProblemFilter {
  override catch(thrown: unknown, host: ArgumentsHost): void {
    const { idempotency } = host.switchToHttp().getRequest<FastifyRequest>()
    if (!idempotency) return super.catch(thrown, host)
    void idempotency.abandon().then(() => super.catch(thrown, host))
  }
}
