import { realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { SourceError, SourceUnreachableError } from '../source.errors.js'

export const NO_SOURCES_DIR =
  'needs the setting SOURCES_DIR, the folder below which folder sources lie; set it and start again'

/** What is wrong with the path of a folder below SOURCES_DIR; undefined when it can be used. */
export function folderPathProblem(path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\\') || /^[a-z]:/i.test(path))
    return 'must be a path below SOURCES_DIR, with / between folders and none in front'
  if (path.split('/').includes('..')) return 'must not contain ..'
  return undefined
}

/** The path in its normal form: `./a//b/` is `a/b`, SOURCES_DIR itself is ``. */
export function normalFolderPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

/** The real path of SOURCES_DIR. */
export async function sourcesRoot(sourcesDir: string): Promise<string> {
  return realpath(sourcesDir).catch((error: unknown) => {
    throw new SourceUnreachableError('The folder of the setting SOURCES_DIR cannot be read.', error)
  })
}

/** The real path of what lies at `path` below `root`. SourceError when it is not there, or a link leads out of `root`. */
export async function realPathBelow(root: string, path: string): Promise<string> {
  const real = await realpath(join(root, path)).catch((error: unknown) => {
    throw new SourceError(fileProblem(path, error), error)
  })
  if (!isBelow(root, real))
    throw new SourceError(`"${path}" leads out of SOURCES_DIR by a symbolic link; it is not read.`)
  return real
}

/** Both are real paths. */
export function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep)
}

export function fileProblem(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const named = path === '' ? 'SOURCES_DIR' : `"${path}"`
  if (code === 'ENOENT' || code === 'ENOTDIR') return `${named} does not exist below SOURCES_DIR.`
  if (code === 'EACCES' || code === 'EPERM') return `${named} may not be read by this process; change its permissions.`
  return `${named} cannot be read.`
}
