import { UnknownNameError } from '../common/errors/unknown-name.error.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { EVENTS } from './events.dataset.js'
import { TRANSACTIONS } from './transactions.dataset.js'

/** Every dataset that can be asked. */
export const DATASETS: readonly DatasetDefinition[] = [TRANSACTIONS, EVENTS]

/** The dataset of that name, or undefined. */
export function findDataset(name: string): DatasetDefinition | undefined {
  return DATASETS.find((dataset) => dataset.name === name)
}

/** The dataset of that name, from a path. NOT_FOUND with the nearest names when there is none. */
export function datasetOf(name: string): DatasetDefinition {
  const dataset = findDataset(name)
  if (dataset) return dataset
  throw new UnknownNameError(
    'dataset',
    'name',
    name,
    DATASETS.map((each) => each.name),
  )
}

/** The dataset of that name, if files can be loaded into it. */
export function findFileDataset(name: string): DatasetDefinition | undefined {
  const dataset = findDataset(name)
  return dataset?.appendOnly ? undefined : dataset
}
