import type { DatasetDefinition } from './dataset-definition.js'
import { EVENTS } from './events.dataset.js'
import { TRANSACTIONS } from './transactions.dataset.js'

/** Every dataset that can be asked. */
export const DATASETS: readonly DatasetDefinition[] = [TRANSACTIONS, EVENTS]

/** The dataset of that name, or undefined. */
export function findDataset(name: string): DatasetDefinition | undefined {
  return DATASETS.find((dataset) => dataset.name === name)
}

/** The dataset of that name, if files can be loaded into it. */
export function findFileDataset(name: string): DatasetDefinition | undefined {
  const dataset = findDataset(name)
  return dataset?.appendOnly ? undefined : dataset
}
