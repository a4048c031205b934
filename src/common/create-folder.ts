import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Creates a folder and what is missing above it. Not `mkdir` with `recursive`: below a file system that takes no folders
 * (`/proc/x`) Node 20 tries that for ever instead of failing.
 */
export async function createFolder(path: string, mode: number): Promise<void> {
  const failure = await tryToCreate(path, mode)
  if (failure !== 'ENOENT' || dirname(path) === path) return
  await createFolder(dirname(path), mode)
  await mkdir(path, { mode })
}

/** The code of a failure that is no reason to give up yet. */
async function tryToCreate(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOENT') return code
    throw error
  }
}
