import { UnknownNameError } from '../common/errors/unknown-name.error.js'
import { BUILT_IN_DATASETS } from './built-in-datasets.js'
import type { DatasetDefinition } from './dataset-definition.js'
import { USERS } from './users.dataset.js'

/** The datasets as they are at one moment, all of them or those that exist for a caller. */
export class DatasetLookup {
  private readonly byName: ReadonlyMap<string, DatasetDefinition>

  constructor(datasets: readonly DatasetDefinition[] = BUILT_IN_DATASETS) {
    this.byName = new Map(datasets.map((dataset) => [dataset.name, dataset]))
  }

  get all(): DatasetDefinition[] {
    return [...this.byName.values()]
  }

  get names(): string[] {
    return [...this.byName.keys()]
  }

  /** Those that files can be loaded into; accounts among them, which cannot be queried. */
  get forFiles(): DatasetDefinition[] {
    return [...this.all.filter((dataset) => !dataset.appendOnly), USERS]
  }

  find(name: string): DatasetDefinition | undefined {
    return this.byName.get(name)
  }

  findForFiles(name: string): DatasetDefinition | undefined {
    return this.forFiles.find((dataset) => dataset.name === name)
  }

  /** The dataset of that name, from a path. NOT_FOUND with the nearest names when there is none. */
  get(name: string): DatasetDefinition {
    const dataset = this.find(name)
    if (!dataset) throw new UnknownNameError('dataset', 'name', name, this.names)
    return dataset
  }
}
