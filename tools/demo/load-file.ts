import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { lastValueFrom, tap } from 'rxjs'
import { UploadOptions } from '../../src/ingestion/uploads/upload-options.dto.js'
import type { IngestionsService } from '../../src/ingestion/ingestions.service.js'
import type { Upload } from '../../src/ingestion/uploads/upload.js'
import type { Job } from '../cli/api-client.js'
import { progressBar } from './sample-file.js'

export interface DemoFile {
  path: string
  dataset: string
  /** what a row is, for people */
  rowsAre: string
  rows: number
  compression: 'none' | 'gzip'
}

/** A file as an upload of it comes in. */
export function uploadOf({ path, dataset, compression }: DemoFile): Upload {
  return {
    options: Object.assign(new UploadOptions(), { dataset }),
    fileName: basename(path),
    format: 'csv',
    compression,
    stream: createReadStream(path),
    ensureNothingFollows: async () => undefined,
  }
}

/** Loads a file and tells how fast; a later run finds it loaded. */
export async function loadFile(ingestions: IngestionsService, file: DemoFile): Promise<void> {
  const job = await ingestions.accept(uploadOf(file))
  if (job.duplicate && job.status === 'succeeded') {
    console.log(
      `\n${basename(file.path)} is loaded already: ${count(job.rowsAccepted)} ${file.rowsAre} (ingestion ${job.id}).`,
    )
    return
  }
  const ended = await showProgress(ingestions, job, file.rows)
  if (ended.status !== 'succeeded') throw new Error(`${basename(file.path)} was not loaded: ${ended.error}`)
  const seconds = (Date.parse(ended.finishedAt!) - Date.parse(ended.startedAt!)) / 1000
  const rate = count(Math.round(ended.rowsRead / seconds))
  console.log(
    `\nLoaded ${count(ended.rowsAccepted)} ${file.rowsAre} in ${seconds.toFixed(1)} s: ${rate} rows/s, each one checked.`,
  )
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

async function showProgress(ingestions: IngestionsService, { id }: Job, rows: number): Promise<Job> {
  const bar = progressBar('Loading', 'rows')
  bar.start(rows, 0)
  const changes = await ingestions.watch(id)
  const ended = await lastValueFrom(changes.pipe(tap((job) => bar.update(job.rowsRead))))
  bar.stop()
  return ended
}
