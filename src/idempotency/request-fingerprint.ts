import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ValidationError } from '../common/errors/app-error.js'
import { canonicalJson } from '../common/json/canonical-json.js'

/**
 * SHA-256 of what makes a request the same one: route, body (in whatever order its fields are), the form of the answer, and
 * what the caller may see, so that no narrower key of the same user gets the answer to a wider one.
 */
export function fingerprintOf({ method, url, body, acceptedType, principal }: FastifyRequest): Buffer {
  const access = principal?.access.isUnrestricted === false ? [principal.access.cacheKey] : []
  const parts = [method, url, canonical(body), acceptedType ?? null, ...access]
  return Buffer.from(hash('sha256', JSON.stringify(parts), 'hex'), 'hex')
}

function canonical(body: unknown): string {
  try {
    return canonicalJson(body) ?? ''
  } catch {
    // JSON.stringify recurses, and no body of ours is nested so deep that it fails.
    throw new ValidationError([{ path: '', message: 'is nested too deep' }])
  }
}
