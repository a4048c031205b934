import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { Database } from '../../infrastructure/database/database.js'
import { DatasetRegistry } from '../dataset-registry.js'
import type { DatasetDefinition } from '../dataset-definition.js'
import { DATASET_CHANGED, type DatasetEvent } from '../dataset-events.js'
import { CoalescedRead } from '../coalesced-read.js'
import { FinalFreeReads } from './final-free-reads.js'
import { DeduplicationRepository } from './deduplication.repository.js'

/** Finds changes made by other processes, and goes on with what had to wait. */
const SWEEP_MS = 2_000
/** Between two examinations, and two merges, this many times as long as one takes: a fifth of the time at most. */
const REST_FACTOR = 4
const MIN_MERGE_REST_MS = 2_000
/** Rewriting more than this takes longer and more disk than what a query gains is worth; ClickHouse merges as it likes. */
const MAX_MERGE_BYTES = 64 * 1024 ** 3

interface Upkeep {
  look: CoalescedRead<void>
  /** the fingerprint for which replaced rows were found */
  replacedAt?: string
  examineNotBefore: number
  mergeNotBefore: number
  merging?: Promise<void>
}

/**
 * Proves, after each change of a dataset, whether its table can be read without FINAL, and merges it when it cannot. Any
 * number of instances may run it; a lock lets one do the work, and PostgreSQL tells the others what it found.
 */
@Injectable()
export class DeduplicationService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('ClickHouse')
  private readonly tables = new Map<string, Upkeep>()
  private readonly stopped = new AbortController()
  private readonly sweep = new CoalescedRead(() => this.lookAtAll())
  private timer?: NodeJS.Timeout

  constructor(
    private readonly reads: FinalFreeReads,
    private readonly state: DeduplicationRepository,
    private readonly database: Database,
    private readonly registry: DatasetRegistry,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.reads.isEnabled) return
    this.timer = setInterval(() => void this.sweep.get(), SWEEP_MS)
    void this.sweep.get()
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    this.stopped.abort()
    await this.sweep.get()
    for (const { look, merging } of this.tables.values()) await Promise.all([look.get(), merging])
  }

  @OnEvent(DATASET_CHANGED)
  datasetChanged({ dataset: name }: DatasetEvent): void {
    const dataset = this.registry.current.find(name)
    if (dataset) void this.look(dataset)
  }

  /** Resolves when what can be known at once of the table as it is now is known. Never throws. */
  async look(dataset: DatasetDefinition): Promise<void> {
    // In a table that only grows nothing is ever replaced.
    if (this.reads.isEnabled && !dataset.appendOnly) await this.upkeepOf(dataset).look.get()
  }

  /** At those whose tables are not as they were proven. Never throws. */
  private async lookAtAll(): Promise<void> {
    if (this.stopped.signal.aborted) return
    const all = this.registry.current.all.filter((dataset) => !dataset.appendOnly)
    const tables = new Set(all.map(({ table }) => table))
    for (const table of this.tables.keys()) if (!tables.has(table)) this.tables.delete(table)
    // What cannot be told of all is told by the look at each.
    const fingerprints = await this.state.fingerprints(all).catch(() => new Map<string, string>())
    for (const dataset of all) {
      const fingerprint = fingerprints.get(dataset.table)
      if (fingerprint === undefined || !this.reads.isDeduplicated(dataset, fingerprint)) void this.look(dataset)
    }
  }

  private upkeepOf(dataset: DatasetDefinition): Upkeep {
    let upkeep = this.tables.get(dataset.table)
    if (!upkeep) {
      const look = new CoalescedRead(() => this.lookNow(dataset))
      upkeep = { look, examineNotBefore: 0, mergeNotBefore: 0 }
      this.tables.set(dataset.table, upkeep)
    }
    return upkeep
  }

  private async lookNow(dataset: DatasetDefinition): Promise<void> {
    if (this.stopped.signal.aborted) return
    try {
      const fingerprint = await this.state.fingerprint(dataset)
      if (this.reads.isDeduplicated(dataset, fingerprint)) return
      const upkeep = this.upkeepOf(dataset)
      if (upkeep.replacedAt !== fingerprint) await this.prove(dataset, upkeep, fingerprint)
      if (upkeep.replacedAt === fingerprint) this.mergeInBackground(dataset, upkeep)
    } catch (error) {
      this.warn(`${dataset.table} is read with FINAL for now`, error as Error)
    }
  }

  private async prove(dataset: DatasetDefinition, upkeep: Upkeep, fingerprint: string): Promise<void> {
    const known = await this.state.knownProof(dataset)
    if (known?.fingerprint === fingerprint) return this.reads.remember(dataset, known)
    if (Date.now() < upkeep.examineNotBefore) return
    await this.database.withAdvisoryLock(`table upkeep ${dataset.table}`, async () => {
      const started = Date.now()
      const found = await this.state.examine(dataset, this.stopped.signal)
      upkeep.examineNotBefore = Date.now() + REST_FACTOR * (Date.now() - started)
      if (found && found.replacedRows > 0) upkeep.replacedAt = found.proof.fingerprint
      if (found?.replacedRows !== 0) return
      await this.state.keepProof(dataset, found.proof)
      this.reads.remember(dataset, found.proof)
    })
  }

  private mergeInBackground(dataset: DatasetDefinition, upkeep: Upkeep): void {
    if (upkeep.merging || Date.now() < upkeep.mergeNotBefore) return
    const started = Date.now()
    upkeep.merging = this.merge(dataset)
      .catch((error: Error) => this.warn(`${dataset.table} stays unmerged`, error))
      .finally(() => {
        upkeep.merging = undefined
        upkeep.mergeNotBefore = Date.now() + Math.max(REST_FACTOR * (Date.now() - started), MIN_MERGE_REST_MS)
        void this.look(dataset)
      })
  }

  /** What a stop cuts short is nothing to tell. */
  private warn(what: string, error: Error): void {
    if (!this.stopped.signal.aborted) this.logger.warn(`${what}: ${error.message}`)
  }

  private async merge(dataset: DatasetDefinition): Promise<void> {
    await this.database.withAdvisoryLock(`table merge ${dataset.table}`, async () => {
      if ((await this.state.sizeBytes(dataset)) > MAX_MERGE_BYTES) return
      await this.state.merge(dataset, this.stopped.signal)
    })
  }
}
