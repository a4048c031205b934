import { hash } from 'node:crypto'
import type { CompiledQuery } from '../compiler/compiler.js'

const digests = new WeakMap<CompiledQuery, string>()

/** The same for queries that have the same result, however they are written; part of the keys of caches. */
export function digestOf(query: CompiledQuery): string {
  const { dataset, sql, params, wantsTotal } = query
  const known = digests.get(query)
  const digest = known ?? hash('sha256', JSON.stringify([dataset.name, sql, params, wantsTotal]), 'base64url')
  if (!known) digests.set(query, digest)
  return digest
}
