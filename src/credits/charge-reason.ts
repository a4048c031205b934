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
