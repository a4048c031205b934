import { Injectable } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../../common/errors/app-error.js'
import { IngestionsService } from '../../ingestions.service.js'
import { SourceReaders } from '../readers/source-readers.js'
import type { FoundObject, KnownObject } from '../source.js'
import type { SourceEntity } from '../source.entity.js'
import { SourceLeaseLostError, SourceUnreachableError } from '../source.errors.js'
import { uploadOptionsOf } from '../source-options.js'
import { SourceObjectsRepository } from '../source-objects.repository.js'
import { ObjectLoader, type LoadContext } from './object-loader.js'
import { countObject } from './source-metrics.js'

/** A file that nobody has written to for so long is whole. */
const SETTLE_MS = 5_000
/** Jobs of a source that wait or run; with more, the files would pile up in SPOOL_DIR. */
const MAX_UNFINISHED_JOBS = 20
const LOOK_AGAIN_MS = 500
/** A source of which so many objects cannot be read is not read further in this run. */
const MAX_FAILED_OBJECTS = 10

export interface RunResult {
  /** why it failed; null when it did not */
  error: string | null
  /** objects that are still being written */
  unsettled: number
}

/** Looks at a source once: what is new or has changed gets a job each. */
@Injectable()
export class SourceRun {
  constructor(
    private readonly readers: SourceReaders,
    private readonly objects: SourceObjectsRepository,
    private readonly ingestions: IngestionsService,
    private readonly loader: ObjectLoader,
  ) {}

  /** Throws SourceLeaseLostError when the source is not this run's any more, or `signal` says so; and what is our own fault. */
  async run(source: SourceEntity, signal: AbortSignal): Promise<RunResult> {
    const failures: string[] = []
    try {
      const unsettled = await this.look(source, signal, failures)
      return { error: failures.length === 0 ? null : summaryOf(failures), unsettled }
    } catch (error) {
      if (signal.aborted) throw new SourceLeaseLostError()
      if (!isSentence(error)) throw error
      return { error: error.message, unsettled: 0 }
    }
  }

  private async look(source: SourceEntity, signal: AbortSignal, failures: string[]): Promise<number> {
    const options = await uploadOptionsOf(source.dataset, source.options)
    // A mapping may name a column that is gone by now: said once, and not of each object.
    await this.ingestions.planOf(options)
    const reader = await this.readers.readerOf(source, signal)
    let unsettled = 0
    try {
      for await (const page of reader.list())
        unsettled += await this.loadPage({ source, reader, options, signal }, page, failures)
      return unsettled
    } finally {
      reader.close()
    }
  }

  private async loadPage(context: LoadContext, page: FoundObject[], failures: string[]): Promise<number> {
    const { source, signal } = context
    const locations = page.map(({ location }) => location)
    const known = await this.objects.known(source, locations)
    await this.objects.note(
      source,
      page.filter((object) => looksNew(object, known.get(object.location))),
    )
    let unsettled = 0
    for (const object of page) {
      if (signal.aborted) throw new SourceLeaseLostError()
      const before = known.get(object.location)
      const isRetry = source.retryFailed && before?.hasFailed === true
      if (!isRetry && isLoaded(object, before)) continue
      const isReady = isSettled(object, before) && (await this.loadOne(context, object, before, isRetry, failures))
      if (!isReady) unsettled++
    }
    return unsettled
  }

  /** False when the object is still being written. */
  private async loadOne(
    context: LoadContext,
    object: FoundObject,
    known: KnownObject | undefined,
    isRetry: boolean,
    failures: string[],
  ): Promise<boolean> {
    const { source, signal } = context
    await this.untilFewJobs(source, signal)
    try {
      return await this.loader.load(context, object, known, isRetry)
    } catch (error) {
      if (signal.aborted || !isSentence(error) || error instanceof SourceUnreachableError) throw error
      countObject(source.type, 'failed')
      await this.objects.noteError(source, object.location, error.message)
      failures.push(`${shown(object.location)}: ${error.message}`)
      // No room on the disk, or no database: the next object would end alike.
      const isOurs = error.code === 'INSUFFICIENT_STORAGE'
      if (isOurs || failures.length >= MAX_FAILED_OBJECTS) throw new SourceUnreachableError(summaryOf(failures), error)
      return true
    }
  }

  private async untilFewJobs(source: SourceEntity, signal: AbortSignal): Promise<void> {
    while ((await this.objects.unfinishedJobs(source)) >= MAX_UNFINISHED_JOBS) {
      if (signal.aborted) throw new SourceLeaseLostError()
      await sleep(LOOK_AGAIN_MS)
    }
  }
}

/** Worth a note. What a URL holds is only known when it was asked. */
function looksNew({ version }: FoundObject, known: KnownObject | undefined): boolean {
  return known === undefined || (version !== null && version !== known.seenVersion)
}

function isLoaded({ version }: FoundObject, known: KnownObject | undefined): boolean {
  return version !== null && version === known?.loadedVersion
}

/** Nobody has written to it for a while, by its times or by how it looked before (the clock of another machine may differ). */
function isSettled({ writtenAt, version }: FoundObject, known: KnownObject | undefined): boolean {
  if (!writtenAt || Date.now() - writtenAt.getTime() >= SETTLE_MS) return true
  return known !== undefined && version === known.seenVersion && known.seenSeconds * 1000 >= SETTLE_MS
}

/** For the operator's eyes; all else is for the log. */
function isSentence(error: unknown): error is AppError {
  return error instanceof AppError && error.code !== 'INTERNAL'
}

function summaryOf(failures: string[]): string {
  const [first] = failures
  return failures.length === 1 ? first! : `${failures.length} objects could not be read. The first: ${first}`
}

/** A URL without its query, which may hold a token. */
function shown(location: string): string {
  return (/^https?:/.test(location) ? location.split('?')[0]! : location).slice(0, 300)
}
