import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { exhaustMap, filter, interval, type Observable } from 'rxjs'
import { mayCall } from './access-rules.js'
import { ForbiddenError, RateLimitedError, UnauthenticatedError } from './auth.errors.js'
import { RequestAuthenticator } from './request-authenticator.service.js'

/** A revoked key ends its streams within this and the time for which a key is remembered, so about a second. */
export const REVOCATION_CHECK_MS = 300
/** The last: from an address that has tried too many keys. */
const REFUSALS = [UnauthenticatedError, ForbiddenError, RateLimitedError]

/** For responses that go on for long: whether the credential that opened one would still open it now. */
@Injectable()
export class StreamAuthorizationService {
  constructor(private readonly authenticator: RequestAuthenticator) {}

  /**
   * False when the key was revoked, has expired or lost its role meanwhile. Throws while that cannot be told. Sets
   * `request.principal` as it is now.
   */
  async isStillAuthorized(request: FastifyRequest): Promise<boolean> {
    const policy = request.routeOptions.config?.access
    if (!policy || policy === 'public') return true
    try {
      request.principal = await this.authenticator.authenticate(request, policy)
    } catch (error) {
      if (REFUSALS.some((refusal) => error instanceof refusal)) return false
      throw error
    }
    return mayCall(request.principal, policy, request.method)
  }

  /** Emits when the credential would not open the response any more. While that cannot be told it stays open. */
  revocation(request: FastifyRequest): Observable<unknown> {
    const check = (): Promise<boolean> => this.isStillAuthorized(request).catch(() => true)
    return interval(REVOCATION_CHECK_MS).pipe(
      exhaustMap(check),
      filter((isAuthorized) => !isAuthorized),
    )
  }
}
