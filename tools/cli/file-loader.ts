import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ApiClient, isEnded, type Job, type RejectedRow, type UploadedJob } from './api-client.js'
import { ApiError, ConnectionError, FileError } from './api-errors.js'
import type { Display, FileProgress } from './display.js'
import type { LoadSettings } from './load-settings.js'
import { saveRejects } from './rejects-file.js'
import { Backoff } from './retry.js'
import { duration, printable } from './format.js'

export interface Outcome {
  file: string
  /** `duplicate`: an earlier job had loaded the same content, and nothing was done now */
  outcome: 'loaded' | 'duplicate' | 'failed' | 'canceled'
  job: Job | null
  /** from the first byte sent to the end of the job */
  seconds: number
  firstRejects: RejectedRow[]
  /** the file that the rejected records were written to */
  rejectsFile: string | null
  /** What is wrong; of a loaded file, what could not be done besides. */
  error: unknown
}

const REJECTS_SHOWN = 3
const READ_BYTES = 1024 * 1024
const CLOCK_MS = 2_000

/** Takes one file through: upload, the wait for its job, its rejects. */
export class FileLoader {
  private checked: Promise<void> | undefined

  constructor(
    private readonly client: ApiClient,
    private readonly settings: LoadSettings,
    private readonly display: Display,
    private readonly interrupted: AbortSignal,
  ) {}

  async load(file: string): Promise<Outcome> {
    const outcome: Outcome = {
      file,
      outcome: 'failed',
      job: null,
      seconds: 0,
      firstRejects: [],
      rejectsFile: null,
      error: null,
    }
    const progress = this.display.track(basename(file))
    const startedAt = performance.now()
    try {
      await this.run(outcome, progress)
    } catch (error) {
      if ((error as Error).name === 'AbortError') outcome.outcome = 'canceled'
      else outcome.error = error
    } finally {
      progress.end()
    }
    outcome.seconds = (performance.now() - startedAt) / 1000
    return outcome
  }

  private async run(outcome: Outcome, progress: FileProgress): Promise<void> {
    const { job, isEarlier } = await this.upload(outcome.file, progress)
    outcome.job = job
    outcome.job = await this.untilEnded(job, isEarlier, (next) => progress.loading((outcome.job = next)))
    outcome.outcome = outcomeOf(outcome.job, isEarlier)
    if (outcome.job.rowsRejected === 0) return
    outcome.firstRejects = await this.client.firstRejects(job.id, REJECTS_SHOWN)
    const { rejectsFolder } = this.settings
    if (rejectsFolder) outcome.rejectsFile = await saveRejects(this.client, job, rejectsFolder, outcome.file)
  }

  /** Sends the file, again when the connection breaks: the server knows content that it has. */
  private async upload(file: string, progress: FileProgress): Promise<{ job: Job; isEarlier: boolean }> {
    const startedAt = performance.now()
    const backoff = this.backoff(file)
    for (let attempt = 1; ; attempt++) {
      try {
        await this.check()
        const { job, ageMs } = await this.uploadOnce(file, progress)
        // An attempt whose answer was lost on the way may have made the job that this one found.
        const isOurs = !job.duplicate || (attempt > 1 && ageMs <= performance.now() - startedAt + CLOCK_MS)
        return { job, isEarlier: !isOurs }
      } catch (error) {
        this.ensureRepeatable(error)
        await backoff.pauseAfter(error)
      }
    }
  }

  /** Before the first upload: a refused key need not cost the sending of a large file. */
  private check(): Promise<void> {
    this.checked ??= this.client.check().catch((error: unknown) => {
      this.checked = undefined
      throw error
    })
    return this.checked
  }

  private async uploadOnce(file: string, progress: FileProgress): Promise<UploadedJob> {
    const { upload, isForced } = this.settings
    const fileName = basename(file)
    const query = { ...upload, fileName, ...(isForced && { force: 'true' }) }
    const handle = await open(file).catch((error: Error) => {
      throw new FileError(error.message)
    })
    try {
      const { size: sizeBytes } = await handle.stat()
      const stream = handle.createReadStream({ highWaterMark: READ_BYTES, autoClose: false }) as AsyncIterable<Buffer>
      const onSent = (bytes: number): void => progress.uploading(bytes, sizeBytes)
      return await this.client.upload({ sizeBytes, stream }, query, { onSent, signal: this.interrupted })
    } finally {
      await handle.close()
    }
  }

  /** With --force the server does not look whether it has the content already. */
  private ensureRepeatable(error: unknown): void {
    const mayHaveArrived =
      (error instanceof ConnectionError && error.mayHaveArrived) ||
      (error instanceof ApiError && [502, 504].includes(error.status))
    if (this.settings.isForced && mayHaveArrived) throw error
  }

  private async untilEnded(job: Job, isEarlier: boolean, onChange: (job: Job) => void): Promise<Job> {
    try {
      return await this.follow(job, this.interrupted, onChange)
    } catch (error) {
      // Not ours to cancel: somebody else is loading the same content.
      if (!this.interrupted.aborted || isEarlier) throw error
    }
    try {
      return await this.client.cancel(job.id)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error
      this.display.note(`${printable(job.fileName ?? job.id)}: ${error.message}`)
      return this.follow(job, new AbortController().signal, onChange)
    }
  }

  /** The job when it has ended, through any number of broken connections. */
  private async follow(job: Job, signal: AbortSignal, onChange: (job: Job) => void): Promise<Job> {
    const backoff = this.backoff(job.fileName ?? job.id)
    for (let last = job; ;) {
      try {
        for await (const next of this.client.changes(job.id, signal)) {
          backoff.reset()
          onChange((last = next))
        }
        if (isEnded(last)) return last
        await backoff.pauseAfter(new ConnectionError(new Error('the server stopped'), true))
      } catch (error) {
        signal.throwIfAborted()
        await backoff.pauseAfter(error)
      }
    }
  }

  private backoff(name: string): Backoff {
    return new Backoff(this.interrupted, (error, ms) =>
      this.display.note(
        `${printable(basename(name))}: ${explainShortly(error)}; trying again in ${duration(ms / 1000)}`,
      ),
    )
  }
}

function explainShortly(error: Error): string {
  return error instanceof ConnectionError ? `the connection broke (${error.message})` : error.message
}

function outcomeOf({ status }: Job, isEarlier: boolean): Outcome['outcome'] {
  if (status === 'succeeded') return isEarlier ? 'duplicate' : 'loaded'
  return status === 'canceled' ? 'canceled' : 'failed'
}
