import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { validate as isUuid } from 'uuid'
import { Config } from '../../config/config.js'
import { JobQueue, PoisonedMessageError } from '../../infrastructure/queue/job-queue.js'
import { IngestionDeletionService } from './ingestion-deletion.service.js'
import { INGESTION_BROKEN, type BrokenIngestionEvent } from '../ingestion.js'
import { IngestionRunner } from './ingestion-runner.js'
import { IngestionsRepository } from '../ingestions.repository.js'
import { IngestionAttemptsRepository } from './ingestion-attempts.repository.js'

export const INGESTION_QUEUE = 'countinghouse.ingestions'
const SWEEP_MS = 2_000

/**
 * Brings jobs to the runner: from the queue at once, and by a sweep over the job rows for those whose message was lost or
 * whose worker died. Claiming is atomic, so it does no harm when both, or several processes, bring the same job.
 * INGESTION_CONCURRENCY jobs run side by side, wherever they come from; others wait in the order of their arrival.
 */
@Injectable()
export class IngestionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Ingestion')
  private readonly brought = new Set<string>()
  private readonly waiting: (() => void)[] = []
  private timer?: NodeJS.Timeout
  private running = 0
  private sweeping = false

  constructor(
    private readonly config: Config,
    private readonly queue: JobQueue,
    private readonly runner: IngestionRunner,
    private readonly ingestions: IngestionsRepository,
    private readonly attempts: IngestionAttemptsRepository,
    private readonly deletion: IngestionDeletionService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.declare(INGESTION_QUEUE)
    if (!this.config.ingestionWorker) return
    await this.queue.consume(INGESTION_QUEUE, {
      concurrency: this.config.ingestionConcurrency,
      handler: (id) => this.handle(id),
      onExhausted: (id) => this.giveUp(id),
    })
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS)
    await this.sweep()
  }

  /** Chunks in flight are finished; the job goes on elsewhere or after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    await this.runner.drain()
  }

  /** The messages of jobs that failed through no fault of their file lie among the dead letters. */
  @OnEvent(INGESTION_BROKEN)
  async deadLetter({ id, reason }: BrokenIngestionEvent): Promise<void> {
    await this.queue
      .deadLetter(INGESTION_QUEUE, id, reason)
      .catch((error: Error) => this.logger.warn(`${id}: ${error.message}`))
  }

  /** A message says that there is work up to this job: what waits longer goes first, whatever became of its message. */
  private async handle(id: string): Promise<void> {
    if (!isUuid(id)) throw new PoisonedMessageError('the message is not the id of a job')
    if (!(await this.ingestions.find(id))) throw new PoisonedMessageError('there is no job with this id')
    await this.inSlot(async () => {
      const claimable = await this.attempts.findClaimable()
      for (const next of claimable.slice(0, claimable.indexOf(id) + 1)) await this.runner.run(next)
    })
  }

  private async giveUp(id: string): Promise<void> {
    if (!isUuid(id)) return
    await this.attempts.failWaiting(id, 'The job could not be taken up; the log of the worker has the details.')
  }

  private async sweep(): Promise<void> {
    if (this.sweeping) return
    this.sweeping = true
    try {
      await this.startWaiting()
      await this.deletion.resume()
    } catch (error) {
      this.logger.warn(`waiting jobs could not be looked for: ${(error as Error).message}`)
    } finally {
      this.sweeping = false
    }
  }

  private async startWaiting(): Promise<void> {
    for (const id of await this.attempts.findClaimable()) {
      if (this.running >= this.config.ingestionConcurrency) return
      if (this.brought.has(id)) continue
      this.brought.add(id)
      void this.inSlot(() => this.runner.run(id))
        .catch((error: Error) => this.logger.error(`${id}: ${error.stack ?? error.message}`))
        .finally(() => this.brought.delete(id))
    }
  }

  private async inSlot(work: () => Promise<void>): Promise<void> {
    if (this.running < this.config.ingestionConcurrency) this.running++
    else await new Promise<void>((enter) => this.waiting.push(enter))
    try {
      await work()
    } finally {
      const enter = this.waiting.shift()
      if (enter) enter()
      else this.running--
    }
  }
}
