import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../usage-error.js'
import { serverUrl } from './server-url.js'

export interface Profile {
  url: string
  key: string
}

/** What the profile file holds. */
export interface Profiles {
  /** name of the profile that commands use when none is named */
  current: string | null
  profiles: Record<string, Profile>
}

/** Readable by its owner only: it holds keys. */
const FILE_MODE = 0o600
const OTHERS = 0o077

/** `COUNTINGHOUSE_CONFIG`, else below `XDG_CONFIG_HOME`, else `~/.config/countinghouse/config.json`. */
export function profilePath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.COUNTINGHOUSE_CONFIG) return env.COUNTINGHOUSE_CONFIG
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'countinghouse', 'config.json')
}

/** The profiles; none where there is no file. Throws UsageError where the file is not one of profiles. */
export async function readProfiles(path = profilePath()): Promise<Profiles> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw new UsageError(`the profiles cannot be read: ${error.message}`)
  })
  if (content === undefined) return { current: null, profiles: {} }
  await warnOfOthers(path)
  const profiles = parsed(content)
  if (!profiles) throw new UsageError(`${path} is not a file of profiles: correct it, or delete it and run "login"`)
  return profiles
}

/** Replaced as a whole, so that a kill leaves the old or the new one. */
export async function writeProfiles(profiles: Profiles, path = profilePath()): Promise<void> {
  const unfinished = `${path}.${process.pid}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(unfinished, `${JSON.stringify(profiles, null, 2)}\n`, { mode: FILE_MODE })
    // The mode of `writeFile` does not hold for a file that was left there.
    await chmod(unfinished, FILE_MODE)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw new UsageError(`the profiles cannot be written: ${(error as Error).message}`)
  }
}

async function warnOfOthers(path: string): Promise<void> {
  const { mode } = await stat(path)
  if (mode & OTHERS) process.stderr.write(`warning: others may read ${path}, which holds keys; run chmod 600 on it\n`)
}

function parsed(content: string): Profiles | undefined {
  try {
    const { current = null, profiles } = JSON.parse(content) as Partial<Profiles>
    const isWhole = Object.values(profiles!).every(({ url, key }) => serverUrl(url) && typeof key === 'string')
    return isWhole ? { current, profiles: profiles! } : undefined
  } catch {
    return undefined
  }
}
