import type { Dataset } from '../datasets'
import type { ExploreQuery } from '../query'

export interface BuilderProps {
  dataset: Dataset
  query: ExploreQuery
  onChange: (changes: Partial<ExploreQuery>) => void
}
