import { Injectable, type ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  ThrottlerStorage,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
} from '@nestjs/throttler'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RateLimitsService } from './rate-limits.service.js'

/**
 * Limits what members may call besides queries and events, ten times as generously (`@SkipThrottle({ reads: true })`
 * takes a route out). Admins and viewers are not limited: an operator who looks after his server must not be locked out
 * of it.
 */
@Injectable()
export class ReadsThrottlerGuard extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    private readonly rateLimits: RateLimitsService,
  ) {
    super(options, storage, reflector)
  }

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true
    return context.switchToHttp().getRequest<FastifyRequest>().caller?.role !== 'member'
  }

  /** Our own bucket, headers and problem instead of the module's. */
  protected override async handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const http = context.switchToHttp()
    await this.rateLimits.consumeRead(http.getRequest<FastifyRequest>().caller!, http.getResponse<FastifyReply>())
    return true
  }
}
