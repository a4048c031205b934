import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FileError } from '../api-errors.js'

/**
 * Writes to standard output, or to a file, which has its name only when it is whole: until then, it ends in `.partial`, and
 * what is broken off is removed. Throws FileError, and what reading throws.
 */
export async function writeOutput(data: Readable, file: string | undefined, signal?: AbortSignal): Promise<void> {
  if (file === undefined) return toStandardOutput(data, signal)
  // What is there and no plain file (a pipe, a device) takes the bytes itself.
  if (!(await isReplaceable(file))) return toFile(data, file, file, signal)
  const unfinished = `${file}.partial`
  try {
    await toFile(data, unfinished, file, signal)
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

async function toStandardOutput(data: Readable, signal?: AbortSignal): Promise<void> {
  await pipeline(data, process.stdout, { signal, end: false }).catch((error: NodeJS.ErrnoException) => {
    // `| head` has read enough.
    if (error.code === 'EPIPE') return
    throw error.syscall === 'write' ? new FileError(`standard output: ${error.message}`) : error
  })
}

async function toFile(data: Readable, path: string, name: string, signal?: AbortSignal): Promise<void> {
  await pipeline(data, createWriteStream(path), { signal }).catch((error: NodeJS.ErrnoException) => {
    throw error.syscall === undefined ? error : new FileError(`${name}: ${error.message}`)
  })
}

async function isReplaceable(file: string): Promise<boolean> {
  return stat(file).then(
    (entry) => entry.isFile(),
    () => true,
  )
}
