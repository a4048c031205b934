import { Injectable } from '@nestjs/common'
import type { IngestionEntity } from '../ingestion.entity.js'
import { JobFailedError } from '../ingestion.errors.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { hasTooManyRejected } from './max-rejected.js'
import type { Reject } from './rejects.js'
import { RejectsRepository } from './rejects.repository.js'

/** Decides by the recorded counts whether a load may become visible. */
@Injectable()
export class LoadResult {
  constructor(
    private readonly ingestions: IngestionsRepository,
    private readonly rejects: RejectsRepository,
  ) {}

  /** Throws JobFailedError when what was recorded must not become visible; `isAtEnd`: of the whole file. */
  async refuse({ id }: IngestionEntity, isAtEnd: boolean): Promise<void> {
    const job = (await this.ingestions.find(id))!
    if (job.onError === 'abort' && job.rowsRejected > 0) {
      const { rows } = await this.rejects.list(id, { limit: 1, offset: 0 })
      throw abortedBy(rows[0]!)
    }
    const { rowsRead, rowsRejected } = job
    const why = `GET /v1/ingestions/${id}/rejects says why.`
    if (hasTooManyRejected(job, isAtEnd)) {
      throw new JobFailedError(
        `${rowsRejected} of ${rowsRead} rows were rejected, which is more than maxRejected (${job.maxRejected}) allows; nothing was loaded. ${why}`,
      )
    }
    if (!isAtEnd) return
    if (rowsRead === 0) throw new JobFailedError('The file has no rows.')
    if (job.rowsAccepted === 0) throw new JobFailedError(`All rows were rejected (${rowsRead} of ${rowsRead}); ${why}`)
  }
}

export function abortedBy({ row, line, reason }: Pick<Reject, 'row' | 'line' | 'reason'>): JobFailedError {
  return new JobFailedError(`Record ${row} (line ${line}): ${reason}. Nothing was loaded, because onError is abort.`)
}
