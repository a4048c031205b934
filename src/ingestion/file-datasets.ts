import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import type { FileDataset } from './ingestions.dto.js'
import { alternativesOf } from './mapping/amount-rules.js'

/** A dataset that takes files, with what the columns of its files are. */
export function describeFileDataset(dataset: DatasetDefinition): FileDataset {
  const { name, title, description } = dataset
  return {
    ...{ name, title, description },
    columns: dataset.columns.map(({ column, member, title, type, required, source }) => {
      return { column, title, type, required, source: source ?? column, key: dataset.key.includes(member) }
    }),
    alternatives: alternativesOf(dataset),
  }
}
