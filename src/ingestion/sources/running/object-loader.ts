import { Injectable } from '@nestjs/common'
import { AppError, type ErrorCode } from '../../../common/errors/app-error.js'
import { IngestionsService } from '../../ingestions.service.js'
import { describeUpload } from '../../uploads/upload.js'
import type { UploadOptions } from '../../uploads/upload-options.dto.js'
import type { OpenedObject, SourceReader } from '../readers/source-reader.js'
import type { FoundObject, KnownObject } from '../source.js'
import type { SourceEntity } from '../source.entity.js'
import { UnchangedContentError, UnsettledObjectError } from '../source.errors.js'
import { SourceObjectsRepository } from '../source-objects.repository.js'
import { objectStream } from './object-stream.js'
import { countObject } from './source-metrics.js'

/** What is the object's own fault, and stays so until it changes. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['UNSUPPORTED_FORMAT', 'PAYLOAD_TOO_LARGE', 'VALIDATION_FAILED'])
/** As the option fileName of an upload. */
const MAX_NAME_CHARACTERS = 255

/** The run that an object is loaded for. */
export interface LoadContext {
  source: SourceEntity
  reader: SourceReader
  options: UploadOptions
  signal: AbortSignal
}

/**
 * Makes the upload and the job of one object. That the object has the job is noted in the commit that makes the job: a
 * process that dies has either both or neither.
 */
@Injectable()
export class ObjectLoader {
  constructor(
    private readonly ingestions: IngestionsService,
    private readonly objects: SourceObjectsRepository,
  ) {}

  /** False when the object is still being written. Throws what kept it from being read. */
  async load(
    context: LoadContext,
    found: FoundObject,
    known: KnownObject | undefined,
    isRetry: boolean,
  ): Promise<boolean> {
    const { source, reader } = context
    try {
      const opened = await reader.open(found, isRetry ? undefined : known)
      if (!opened) {
        if (known?.hasFailed) await this.objects.noteUnchanged(source, found.location, null)
        return true
      }
      await this.loadOpened(context, opened, isRetry ? null : (known?.sha256 ?? null)).finally(opened.close)
      return true
    } catch (error) {
      if (error instanceof UnsettledObjectError) return false
      throw error
    }
  }

  private async loadOpened(context: LoadContext, opened: OpenedObject, knownSha256: string | null): Promise<void> {
    const { source, signal } = context
    const { location, version } = opened.found
    await this.objects.note(source, [opened.found])
    const content = objectStream(opened, { knownSha256, needsHash: version === null, signal })
    try {
      await this.accept(context, opened, content)
    } catch (error) {
      if (signal.aborted) throw error
      if (error instanceof UnchangedContentError) return this.objects.noteUnchanged(source, location, version)
      if (!(error instanceof AppError) || !REFUSALS.has(error.code)) throw error
      countObject(source.type, 'refused')
      await this.objects.noteRefused(source, location, { version, sha256: content.sha256() ?? null }, error.message)
    }
  }

  private async accept(
    { source, options }: LoadContext,
    { found, fileName, contentType, contentEncoding, expectedBytes }: OpenedObject,
    { stream, check }: ReturnType<typeof objectStream>,
  ): Promise<void> {
    const upload = describeUpload(options, shownName(fileName), contentType, contentEncoding, stream)
    const noteJob = (id: string, sha256: string, duplicate: boolean): Promise<void> => {
      const version = found.version ?? `sha256 ${sha256}`
      return this.objects.noteJob(source, found.location, { version, sha256 }, { id, duplicate })
    }
    const job = await this.ingestions.accept({ ...upload, ensureNothingFollows: check }, expectedBytes, (made) =>
      noteJob(made.id, made.sha256, false),
    )
    if (job.duplicate) await noteJob(job.id, job.sha256, true)
    countObject(source.type, job.duplicate ? 'duplicate' : 'loaded')
  }
}

/** A name of a file may hold anything: what an upload would refuse is left out. */
function shownName(name: string): string {
  const shown = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]/gu, '')
  return shown.slice(-MAX_NAME_CHARACTERS).replace(/^\p{Surrogate}/u, '')
}
