import type { EffectiveAccess } from '../auth/access/effective-access.js'

/** What a charge was for. */
export interface ChargeSubject {
  dataset: string | null
  /** of a named query */
  endpoint: string | null
}

const QUERY = /^query (\S+)$/
const ENDPOINT = /^endpoint (\S+) on (\S+)$/

/** The reason of a charge, as the ledger tells it: `query transactions`, `endpoint top_products on transactions`. */
export function chargeReasonOf({ dataset, endpoint }: { dataset: string; endpoint?: string | null }): string {
  return endpoint ? `endpoint ${endpoint} on ${dataset}` : `query ${dataset}`
}

/** What the reason of a charge says; nothing of charges from before it named the dataset. */
export function chargeSubjectOf(reason: string | null): ChargeSubject {
  const [, endpoint, of] = ENDPOINT.exec(reason ?? '') ?? []
  const [, dataset] = QUERY.exec(reason ?? '') ?? []
  return { dataset: of ?? dataset ?? null, endpoint: endpoint ?? null }
}

/** What of it exists for the caller; what does not has no name: null. */
export function visibleSubjectOf({ dataset, endpoint }: ChargeSubject, access: EffectiveAccess): ChargeSubject {
  return {
    dataset: dataset !== null && access.mayUseDataset(dataset) ? dataset : null,
    endpoint: endpoint !== null && access.mayUseEndpoint(endpoint) ? endpoint : null,
  }
}

/** The reason of a ledger's entry without the names that do not exist for the caller: `query` in the end. */
export function visibleReasonOf(reason: string | null, access: EffectiveAccess): string | null {
  const subject = chargeSubjectOf(reason)
  const { dataset, endpoint } = visibleSubjectOf(subject, access)
  if (dataset === subject.dataset && endpoint === subject.endpoint) return reason
  if (dataset !== null) return chargeReasonOf({ dataset, endpoint })
  return endpoint === null ? 'query' : `endpoint ${endpoint}`
}
