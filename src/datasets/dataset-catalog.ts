import type { DatasetDefinition } from './dataset-definition.js'
import { TRANSACTIONS } from './transactions.dataset.js'

/** Every dataset that can be filled and asked. */
export const DATASETS: readonly DatasetDefinition[] = [TRANSACTIONS]

/** The dataset of that name, or undefined. */
export function findDataset(name: string): DatasetDefinition | undefined {
  return DATASETS.find((dataset) => dataset.name === name)
}
