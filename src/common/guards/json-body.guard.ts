import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { routeSettingsOf } from '../decorators/route-settings.decorator.js'
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { isUtf8 } from 'node:buffer'
import { deepFreeze } from '../json/deep-freeze.js'
import { refuseDuplicateKeys } from '../json/duplicate-keys.js'
import { AppError } from '../errors/app-error.js'
import { bytesOf } from '../http/body-bytes.js'
import { hasBody } from '../http/has-body.js'
import { refuseRoundedNumbers } from '../json/rounded-number.js'
import { nextTimeSlice } from '../time-slices.js'
import { requestOf } from '../http/http-context.js'

/** A longer JSON body is refused with 413, unless the route says otherwise; uploads have MAX_UPLOAD_BYTES instead. */
export const MAX_JSON_BODY_BYTES = 1024 * 1024
/** A longer body takes turns with all others. */
const LONG_BYTES = 32 * 1024
/** No object of any body has so many. */
const MAX_FIELDS = 5_000
/** Of the bodies that are remembered. */
const MAX_REPEATED = 2_000
const MAX_REPEATED_LENGTH = 4_096

declare module 'fastify' {
  interface FastifyRequest {
    /** the content type that the body was sent with, since every body comes as a stream; empty when none was told */
    bodyType?: string
  }
  interface FastifyContextConfig {
    /** the handler reads the body itself (bytesOf), for its bytes count and not their meaning */
    rawBody?: boolean
  }
}

type Parse = (request: FastifyRequest, text: string, done: (error: Error | null, value?: unknown) => void) => void

/**
 * Reads and parses the JSON body of a request that has passed the guards before it, so that no byte of a stranger is
 * taken: 415 for any other type, 413 for a body that is too long, 400 for one that is no JSON. JSON is UTF-8 (RFC 8259);
 * Fastify's parser alone would put a replacement character where it is not, round numbers, and keep one of several
 * equal keys without a word.
 */
@Injectable()
export class JsonBodyGuard implements CanActivate {
  private parser?: Parse
  /** The parsed queries (`takesQuery`) by their texts. */
  private readonly repeated = new LRUCache<string, object>({ max: MAX_REPEATED })

  constructor(private readonly host: HttpAdapterHost) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context)
    const settings = routeSettingsOf(context.getHandler())
    if (!hasBody(request.headers) || settings.streamBody || settings.rawBody) return true
    if (!isPlainJson(request))
      throw new AppError('UNSUPPORTED_FORMAT', 'The body must be application/json, and not compressed.')
    if (request.method === 'GET' || request.method === 'HEAD') return true
    return this.read(request, settings)
  }

  private async read(request: FastifyRequest, { maxBodyBytes, takesQuery }: FastifyContextConfig): Promise<boolean> {
    const body = await bytesOf(request, maxBodyBytes ?? MAX_JSON_BODY_BYTES)
    if (!isUtf8(body)) throw new AppError('VALIDATION_FAILED', 'The body is not valid UTF-8.')
    const text = body.toString()
    if (body.length > LONG_BYTES) request.body = await this.parseLong(request, text)
    else if (takesQuery && text.length <= MAX_REPEATED_LENGTH) request.body = this.parseRepeated(request, text)
    else request.body = this.parseShort(request, text)
    return true
  }

  private parseShort(request: FastifyRequest, text: string): unknown {
    const value = this.parse(request, text)
    refuseDuplicateKeys(text)
    refuseRoundedNumbers(text)
    return value
  }

  private parseRepeated(request: FastifyRequest, text: string): unknown {
    const known = this.repeated.get(text)
    if (known) return known
    const value = this.parseShort(request, text)
    if (typeof value === 'object' && value !== null) this.repeated.set(text, deepFreeze(value))
    return value
  }

  /** In slices; the handler's own work on it has one too. */
  private async parseLong(request: FastifyRequest, text: string): Promise<unknown> {
    await nextTimeSlice()
    // Before it is parsed, which takes long for an object of many fields.
    refuseDuplicateKeys(text, MAX_FIELDS)
    await nextTimeSlice()
    const value = this.parse(request, text)
    await nextTimeSlice()
    refuseRoundedNumbers(text)
    await nextTimeSlice()
    return value
  }

  /** By Fastify's own parser, which refuses `__proto__`; it calls back before it returns. */
  private parse(request: FastifyRequest, text: string): unknown {
    this.parser ??= this.host.httpAdapter.getInstance<FastifyInstance>().getDefaultJsonParser('error', 'error') as Parse
    let parsed: unknown
    let failure: Error | null = null
    this.parser(request, text, (error, value) => {
      failure = error
      parsed = value
    })
    if (failure) throw text === '' ? (failure as Error) : refusalOf(text)
    return parsed
  }
}

/** The parser calls both not valid JSON. */
function refusalOf(text: string): AppError {
  const detail = isJson(text)
    ? 'The body has a field __proto__ or constructor.prototype, which is refused.'
    : 'The body is not valid JSON.'
  return new AppError('VALIDATION_FAILED', detail)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isPlainJson({ headers, bodyType }: FastifyRequest): boolean {
  const isPlain = (headers['content-encoding'] ?? 'identity').trim().toLowerCase() === 'identity'
  return isPlain && /^application\/json *(;|$)/i.test(bodyType ?? '')
}
