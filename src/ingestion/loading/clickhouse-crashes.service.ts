import { Injectable, Logger } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { Database } from '../../infrastructure/database/database.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ClickHouseUnavailableError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import type { RecordChunk } from '../formats/record-source.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { JobFailedError } from '../ingestion.errors.js'
import { IngestionAttemptsRepository } from './ingestion-attempts.repository.js'

const LOCK = 'countinghouse:ingestion-chunks'
/** An engine that hangs is replaced and started again within this time. */
const BACK_WITHIN_MS = 30_000
const LOOK_MS = 200

/**
 * Tells which file crashes ClickHouse. Of several chunks in flight at a crash any can be the cause, so each of their jobs
 * goes on with its chunks alone, whatever process runs the others; the job that is alone at a crash is the cause.
 */
@Injectable()
export class ClickHouseCrashes {
  private readonly logger = new Logger('Ingestion')

  constructor(
    private readonly database: Database,
    private readonly clickhouse: ClickHouse,
    private readonly attempts: IngestionAttemptsRepository,
  ) {}

  /** Runs `load`, beside the chunks of other jobs unless this job is suspected. Throws JobFailedError at its second crash. */
  async watch(job: IngestionEntity, chunk: RecordChunk, load: () => Promise<void>): Promise<void> {
    const isAlone = job.clickhouseCrashes > 0
    // Until it is known who is to blame nobody else may begin.
    await this.database.whileLocked(LOCK, isAlone ? 'exclusive' : 'shared', async () => {
      const startedAtMs = performance.now()
      try {
        await load()
      } catch (error) {
        if (!wasInFlight(error) || !(await this.hasStartedSince(startedAtMs))) throw error
        const crashes = await this.attempts.recordCrash(job)
        this.logger.error(
          `${job.id}: ClickHouse ended while it read chunk ${chunk.index} (crash ${crashes} of this job)`,
        )
        throw isAlone && crashes > 1 ? crashedBy(chunk) : error
      }
    })
  }

  /** Waits until ClickHouse answers; false when it does not, or has run all the time. */
  private async hasStartedSince(sinceMs: number): Promise<boolean> {
    for (const deadline = performance.now() + BACK_WITHIN_MS; performance.now() < deadline; await sleep(LOOK_MS)) {
      const [row] = await this.clickhouse
        .query<{ seconds: number }>('SELECT uptime() AS seconds', { signal: AbortSignal.timeout(BACK_WITHIN_MS) })
        .catch(() => [])
      if (row) return Number(row.seconds) * 1_000 < performance.now() - sinceMs
    }
    return false
  }
}

/** A statement that never reached ClickHouse did not end it. */
function wasInFlight(error: unknown): boolean {
  if (!(error instanceof ClickHouseUnavailableError)) return false
  return (error.cause as { code?: string } | undefined)?.code !== 'ECONNREFUSED'
}

function crashedBy({ firstRow, rows }: RecordChunk): JobFailedError {
  return new JobFailedError(
    `ClickHouse crashed twice while it read this file, the second time at the rows ${firstRow} to ` +
      `${firstRow + rows - 1}, so the file is not tried again. Nothing was loaded. Load it in smaller parts, or in ` +
      'another format, to find the rows that cannot be read.',
  )
}
