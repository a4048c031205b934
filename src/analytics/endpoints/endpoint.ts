import type { FilterValue } from '../../datasets/filters/operators.js'

export const PARAMETER_TYPES = ['text', 'number', 'boolean', 'date'] as const
export type ParameterType = (typeof PARAMETER_TYPES)[number]

/** What a caller may give an endpoint as `?name=value`. */
export interface EndpointParameter {
  name: string
  type: ParameterType
  /** whether a request must have it; where it is left out: it must unless it has a default */
  required?: boolean
  /** stands for it where a request has none; several values where it stands among the values of a filter */
  default?: FilterValue | FilterValue[]
  /** the only ones that it may have */
  values?: FilterValue[]
  description?: string
}

/** A named query with a URL, a cost and a cache time, as the operator declares it. */
export interface Endpoint {
  name: string
  title: string
  description: string
  /** as for `POST /v1/query`, but that `{"param": "name"}` may stand where a value stands */
  query: Record<string, unknown>
  parameters: EndpointParameter[]
  /** in place of the dataset's price, in every format */
  costCredits: number | null
  /** for how long a result may be reused although the data has changed; null: not at all */
  cacheSeconds: number | null
}

/** Whether a request without it is refused. A parameter that nobody gives would make a result wider than was meant. */
export function isRequired({ required, default: preset }: EndpointParameter): boolean {
  return required ?? preset === undefined
}
