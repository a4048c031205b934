import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { routeSettingsOf } from '../../common/decorators/route-settings.decorator.js'
import { MAX_JSON_BODY_BYTES } from '../../common/guards/json-body.guard.js'
import { hasBody } from '../../common/http/has-body.js'
import { Config } from '../../config/config.js'
import { QuotaExceededError } from '../auth.errors.js'
import { accountOf, PrincipalQuota } from '../principal-quota.js'
import { replyOf, requestOf } from '../../common/http/http-context.js'

/** Smaller bodies do not count: they are as many as there are connections. */
const SMALL_BYTES = 16 * 1024
/** JSON bodies in memory, until they are answered. */
const MAX_JSON_BYTES_PER_USER = 32 * 1024 * 1024

/**
 * Gives each user a share of the bodies that are read, before they are: bytes of JSON in memory, and uploads on their way
 * to disk (UPLOADS_PER_USER); 429 beyond it. Event batches have a quota of their own (event-body.ts).
 */
@Injectable()
export class BodyQuotaGuard implements CanActivate {
  private readonly jsonBytes = new PrincipalQuota(MAX_JSON_BYTES_PER_USER)
  private readonly uploads: PrincipalQuota

  constructor({ uploadsPerUser }: Config) {
    this.uploads = new PrincipalQuota(uploadsPerUser)
  }

  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context)
    const { principal, headers } = request
    if (!principal || !hasBody(headers)) return true
    const { streamBody, maxBodyBytes } = routeSettingsOf(context.getHandler())
    if (!streamBody) this.takeJson(request, replyOf(context), maxBodyBytes)
    else if (streamBody === 'upload') this.takeUpload(request)
    return true
  }

  private takeJson(
    { principal, headers }: FastifyRequest,
    { raw }: FastifyReply,
    maxBodyBytes = MAX_JSON_BODY_BYTES,
  ): void {
    // A body of unknown length counts as the longest; what is longer than that is refused before it is read.
    const bytes = Number(headers['content-length'] ?? maxBodyBytes)
    if (bytes <= SMALL_BYTES || bytes > maxBodyBytes) return
    const account = accountOf(principal!)
    if (!this.jsonBytes.take(account, bytes)) {
      const mebibytes = this.jsonBytes.limit / 1024 / 1024
      throw new QuotaExceededError(
        `This account may have ${mebibytes} MiB of JSON bodies on their way at the same time: wait for one to end.`,
      )
    }
    raw.once('close', () => this.jsonBytes.release(account, bytes))
  }

  private takeUpload({ principal, raw }: FastifyRequest): void {
    const account = accountOf(principal!)
    if (!this.uploads.take(account)) {
      throw new QuotaExceededError(
        `This account may have ${this.uploads.limit} uploads at the same time: wait for one to end.`,
      )
    }
    raw.once('close', () => this.uploads.release(account))
  }
}
