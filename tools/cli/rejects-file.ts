import { open, rm, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ApiClient, Job } from './api-client.js'
import { FileError } from './api-errors.js'
import { withoutEnding } from './input-files.js'

/**
 * Writes the rejected records of a job to `rejects-<name>.csv` (`.tsv` of TSV) in the folder, and tells its path. A file that is there is
 * left alone: somebody may be editing it.
 */
export async function saveRejects(
  client: ApiClient,
  { id, format }: Job,
  folder: string,
  source: string,
): Promise<string> {
  const { path, file } = await createFree(
    folder,
    `rejects-${withoutEnding(basename(source))}`,
    format === 'tsv' ? 'tsv' : 'csv',
  )
  try {
    await pipeline(await client.rejectsFile(id), file.createWriteStream())
    return path
  } catch (error) {
    await rm(path, { force: true })
    throw new FileError(`the rejects could not be written to ${path}: ${(error as Error).message}`)
  } finally {
    await file.close().catch(() => undefined)
  }
}

async function createFree(folder: string, name: string, ending: string): Promise<{ path: string; file: FileHandle }> {
  for (let copy = 1; ; copy++) {
    const path = join(folder, `${name}${copy === 1 ? '' : `-${copy}`}.${ending}`)
    try {
      return { path, file: await open(path, 'wx') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new FileError((error as Error).message)
    }
  }
}
