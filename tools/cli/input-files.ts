import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError, whyUnreadable } from './usage-error.js'

const ENDINGS = ['csv', 'tsv', 'tab', 'json', 'ndjson', 'jsonl', 'xml', 'parquet']
const DATA_FILE = new RegExp(`\\.(${ENDINGS.join('|')})(\\.(gz|zst))?$`, 'i')

/** What the arguments of a loading command name. */
export interface InputFiles {
  files: string[]
  /** what is wrong with those arguments that name no file */
  missing: string[]
}

/**
 * The files that the arguments name, each once: files in the order given, whatever their ending; of a folder those with
 * a known ending, sorted by name. Throws UsageError where none of them names a file.
 */
export async function inputFiles(paths: string[], { recursive }: { recursive: boolean }): Promise<InputFiles> {
  const found = new Map<string, string>()
  const missing: string[] = []
  for (const path of paths) {
    try {
      for (const file of await filesAt(path, recursive)) {
        const real = await realpath(file)
        if (!found.has(real)) found.set(real, file)
      }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      missing.push(error.message)
    }
  }
  if (found.size === 0) throw new UsageError(missing.join('\n'))
  return { files: [...found.values()], missing }
}

/** A file's name without what tells its format. */
export function withoutEnding(name: string): string {
  return name.replace(DATA_FILE, '')
}

async function filesAt(path: string, recursive: boolean): Promise<string[]> {
  const entry = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(whyUnreadable(path, error))
  })
  if (entry.isFile()) return [path]
  if (!entry.isDirectory()) throw new UsageError(`${path}: is no file; a pipe cannot be sent again when that is needed`)
  const files = await filesIn(path, recursive)
  if (files.length > 0) return files
  const where = recursive ? 'in it or below it' : 'in it (--recursive also looks below)'
  throw new UsageError(`${path}: no data files ${where}; known endings: ${ENDINGS.join(', ')}, each also .gz or .zst`)
}

async function filesIn(folder: string, recursive: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(whyUnreadable(folder, error))
  })
  return entries
    .filter((entry) => !entry.isDirectory() && DATA_FILE.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1))
}
