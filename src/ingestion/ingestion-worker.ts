import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { Config } from '../config/config.js'
import { JobQueue } from '../queue/job-queue.js'
import { IngestionDeletionService } from './ingestion-deletion.service.js'
import { IngestionRunner } from './ingestion-runner.js'
import { IngestionsRepository } from './ingestions.repository.js'

export const INGESTION_QUEUE = 'countinghouse.ingestions'
const SWEEP_MS = 2_000

/**
 * Brings jobs to the runner: from the queue at once, and by a sweep over the job rows for those whose message was lost or
 * whose worker died. Claiming is atomic, so it does no harm when both, or several processes, bring the same job.
 */
@Injectable()
export class IngestionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Ingestion')
  private readonly brought = new Set<string>()
  private timer?: NodeJS.Timeout
  private running = 0

  constructor(
    private readonly config: Config,
    private readonly queue: JobQueue,
    private readonly runner: IngestionRunner,
    private readonly ingestions: IngestionsRepository,
    private readonly deletion: IngestionDeletionService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.ingestionWorker) return
    await this.queue.consume(INGESTION_QUEUE, this.config.ingestionConcurrency, (id) => this.run(id))
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS)
    await this.sweep()
  }

  /** Chunks in flight are finished; the job goes on elsewhere or after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    await this.runner.drain()
  }

  private async run(id: string): Promise<void> {
    this.running++
    try {
      await this.runner.run(id)
    } finally {
      this.running--
    }
  }

  private async sweep(): Promise<void> {
    try {
      await this.deletion.resume()
      for (const id of await this.ingestions.findClaimable()) {
        if (this.running >= this.config.ingestionConcurrency) return
        if (this.brought.has(id)) continue
        this.brought.add(id)
        void this.run(id).finally(() => this.brought.delete(id))
      }
    } catch (error) {
      this.logger.warn(`waiting jobs could not be looked for: ${(error as Error).message}`)
    }
  }
}
