/** Emitted in the process that made a change of a dataset's rows visible. */
export const DATASET_CHANGED = 'dataset.changed'

export interface DatasetEvent {
  dataset: string
}
