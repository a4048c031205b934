import type { IngestionEntity } from '../ingestion.entity.js'

export interface LoadSignals {
  /** the job is this process's no longer: stop at once */
  lost: AbortSignal
  /** the process stops: finish what is in flight, and begin nothing more */
  drained: AbortSignal
}

/** Puts the records of a file where their dataset is kept, and takes them out again. Each step may be done again. */
export abstract class DatasetLoader {
  /** Resolves when every record is staged or rejected, and the result may become visible. */
  abstract load(job: IngestionEntity, signals: LoadSignals): Promise<void>
  /** Makes what is staged visible, all at once, and ends the job. */
  abstract publish(job: IngestionEntity): Promise<void>
  /** Removes what only the load needed. */
  abstract cleanUp(job: IngestionEntity): Promise<void>
  /** Takes the rows of an ended job out again, and records that they are. */
  abstract takeOut(job: IngestionEntity): Promise<void>
}
