import { LRUCache } from 'lru-cache'
import type { CompiledQuery } from '../compiler/compiler.js'
import { templateOf, type ResponseFacts, type ResponseTemplate } from './response-template.js'

interface PreparedResponse {
  /** of the dataset; the response is right as long as this is the current one */
  version: number
  template: ResponseTemplate
  /** epoch milliseconds */
  validUntil: number
}

const MAX_RESPONSES = 2_000
const MAX_TOTAL_BYTES = 32 * 1024 * 1024
/** A longer response costs more to send than all that being prepared saves. */
const MAX_RESPONSE_BYTES = 64 * 1024
/** The cache is read again after this time, so that a result lives no longer here than the cache would have it. */
const MAX_AGE_MS = 10_000

/** Responses with the latest results in this process, which need nothing but their facts filled in. */
export class PreparedResponses {
  private readonly responses = new LRUCache<CompiledQuery, PreparedResponse>({
    max: MAX_RESPONSES,
    maxSize: MAX_TOTAL_BYTES,
    sizeCalculation: ({ template }) => template.reduce((sum, part) => sum + part.length, 0),
  })
  private readonly maxAgeMs: number

  constructor(cacheTtlMs: number) {
    this.maxAgeMs = Math.min(MAX_AGE_MS, cacheTtlMs)
  }

  /** `version` is the dataset's current one. */
  find(query: CompiledQuery, version: number): ResponseTemplate | undefined {
    const known = this.responses.get(query)
    return known && known.version === version && known.validUntil > Date.now() ? known.template : undefined
  }

  /** `version` is that of the dataset when the result was found. */
  keep(query: CompiledQuery, version: number, assemble: (facts: ResponseFacts) => Buffer): void {
    // It would have to contain its age.
    if (query.explain) return
    const template = templateOf(assemble)
    if (!template || template[0].length > MAX_RESPONSE_BYTES) return
    const validUntil = Math.min(Date.now() + this.maxAgeMs, query.validUntil ?? Infinity)
    this.responses.set(query, { version, template, validUntil })
  }
}
