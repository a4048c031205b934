import type { Schemas } from '../../api/http'
import { useChange } from '../../api/use-change'

export type Endpoint = Schemas['EndpointResponse']
export type AvailableEndpoint = Schemas['AvailableEndpoint']
export type Declaration = Schemas['EndpointBody']

export const EXAMPLE: Declaration = {
  title: 'Revenue by category',
  query: {
    dataset: 'transactions',
    measures: ['revenue', 'transactions'],
    dimensions: ['category'],
    filters: [{ member: 'country', operator: 'equals', values: [{ param: 'country' }] }],
    order: [['revenue', 'desc']],
  },
  parameters: [{ name: 'country', type: 'text', description: 'Where it was sold' }],
  costCredits: null,
}

/** What an admin edits of an endpoint. */
export function declarationOf({
  title,
  description,
  query,
  parameters,
  costCredits,
  cacheSeconds,
}: Endpoint): Declaration {
  return { title, description, query, parameters, costCredits, cacheSeconds }
}

/** The text of an editor as a declaration, or what is wrong with it. */
export function parseDeclaration(text: string): { body: Declaration } | { error: string } {
  try {
    return { body: JSON.parse(text) as Declaration }
  } catch (error) {
    return { error: `This is not JSON: ${(error as Error).message}` }
  }
}

/** A change of endpoints; whatever is shown of them is asked for again after it. */
export function useEndpointChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  return useChange([['endpoints']], mutationFn, onDone)
}
