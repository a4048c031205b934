/**
 * What a user or a key may see, as admins set it and as it is stored. What it does not name does not exist for the caller;
 * null in place of a policy is everything that the role may.
 */
export interface AccessPolicy {
  datasets: Record<string, DatasetPolicy>
  /** names of endpoints; '*' for all, those to come included */
  endpoints: string[] | '*'
  /** dashboards, metrics and live streams, which show all rows */
  dashboards: boolean
}

export interface DatasetPolicy {
  /** dimensions and measures; null for all, those to come included; none: the dataset does not exist for the caller */
  members: string[] | null
  /** as a query's filters, on dimensions: all hold for every row that the caller gets, endpoints' rows included */
  filters: PolicyFilter[]
}

/** A filter as a query has it, in JSON; the datasets know what it means. */
export type PolicyFilter = Record<string, unknown>

export const NO_DATASET_ACCESS: DatasetPolicy = { members: [], filters: [] }
