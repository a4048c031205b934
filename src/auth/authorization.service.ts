import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { admit } from './access.hook.js'
import { AuthenticatorService } from './authenticator.service.js'
import { ForbiddenError, RateLimitedError, UnauthenticatedError } from './keys.errors.js'

/** The last: from an address that has tried too many keys. */
const REFUSALS = [UnauthenticatedError, ForbiddenError, RateLimitedError]

/** For answers that go on for long: whether the key that opened one would still open it now. */
@Injectable()
export class StandingAccess {
  constructor(private readonly authenticator: AuthenticatorService) {}

  /** False when the key was revoked, has expired or lost its role meanwhile. Throws while that cannot be told. */
  async stands(request: FastifyRequest): Promise<boolean> {
    const policy = request.routeOptions.config?.access
    if (!policy || policy === 'public') return true
    return admit(request, policy, this.authenticator).then(
      () => true,
      (error: unknown) => {
        if (REFUSALS.some((refusal) => error instanceof refusal)) return false
        throw error
      },
    )
  }
}
