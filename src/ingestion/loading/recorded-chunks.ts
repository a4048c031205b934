import type { RecordChunk } from '../formats/record-source.js'
import { JobFailedError } from '../ingestion.errors.js'
import type { ChunkResult } from './ingestion-attempts.repository.js'

/**
 * The chunks that earlier attempts at a job have loaded. They are kept by their numbers, so the file must be cut now as
 * it was then; another version or another INGESTION_CHUNK_BYTES may cut it elsewhere, and rows would be lost or doubled.
 */
export class RecordedChunks {
  private readonly unmet: Map<number, ChunkResult>

  constructor(chunks: ChunkResult[]) {
    this.unmet = new Map(chunks.map((each) => [each.chunk, each]))
  }

  /** Whether the chunk is loaded. Each chunk of the file is to be asked for, once. */
  has({ index, firstRow, rows }: RecordChunk): boolean {
    const recorded = this.unmet.get(index)
    if (!recorded) return false
    if (recorded.firstRow !== firstRow || recorded.rowsRead !== rows) throw cutElsewhere()
    return this.unmet.delete(index)
  }

  /** After the last chunk: all that were recorded must have been there. */
  expectAllMet(): void {
    if (this.unmet.size > 0) throw cutElsewhere()
  }
}

function cutElsewhere(): JobFailedError {
  return new JobFailedError(
    'The job was begun by another version or with another INGESTION_CHUNK_BYTES, and cannot be continued. Nothing was loaded; send the file again.',
  )
}
