import type { Schemas } from '../../api/http'
import { useDatasets } from '../explore/datasets'

const NONE: Schemas['DatasetMember'][] = []

/** The members of a dataset, for the titles of a result; none until they are known. */
export function useDatasetMembers(dataset: string | undefined): Schemas['DatasetMember'][] {
  const { data } = useDatasets()
  return data?.find(({ name }) => name === dataset)?.members ?? NONE
}
