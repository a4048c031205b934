import { DATASETS } from '../datasets/dataset-registry.js'
import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import { USERS } from '../datasets/users.dataset.js'
import type { FileDataset } from './ingestions.dto.js'
import { alternativesOf } from './mapping/amount-rules.js'

/** Datasets that files can be loaded into: every one that can be queried unless it is append-only, and users. */
export const FILE_DATASETS: readonly DatasetDefinition[] = [...DATASETS.filter((dataset) => !dataset.appendOnly), USERS]

/** Every dataset that takes files, with what the columns of its files are. */
export function describeFileDatasets(): FileDataset[] {
  return FILE_DATASETS.map((dataset) => ({
    name: dataset.name,
    title: dataset.title,
    description: dataset.description,
    columns: dataset.columns.map(({ column, member, title, type, required }) => {
      return { column, title, type, required, key: dataset.key.includes(member) }
    }),
    alternatives: alternativesOf(dataset),
  }))
}
