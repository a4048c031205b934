/** Emitted in the process that made a change of a dataset's rows visible. */
export const DATASET_CHANGED = 'dataset.changed'

export interface DatasetEvent {
  dataset: string
}

/** Emitted inside the transaction that drops a dataset; a listener that throws stops it. */
export const DATASET_DROPPED = 'dataset.dropped'
