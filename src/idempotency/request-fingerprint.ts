import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ValidationError } from '../common/errors/app-error.js'

/** SHA-256 of what makes a request the same one: route, body (in whatever order its fields are), and the form of the answer. */
export function fingerprintOf({ method, url, body, acceptedType }: FastifyRequest): Buffer {
  const parts = [method, url, canonical(body), acceptedType ?? null]
  return Buffer.from(hash('sha256', JSON.stringify(parts), 'hex'), 'hex')
}

function canonical(body: unknown): string {
  try {
    return JSON.stringify(body, sorted) ?? ''
  } catch {
    // JSON.stringify recurses, and no body of ours is nested so deep that it fails.
    throw new ValidationError([{ path: '', message: 'is nested too deep' }])
  }
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
