import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockHolder } from './data-dir-lock.js'

export interface EngineUrls {
  postgresUrl?: string
  clickhouseUrl?: string
}

const FILE = 'engines.json'

/**
 * Writes down where the running engines are reached, for a backup beside them. Only the owner of the data folder may read
 * it: ClickHouse's password, which is another one at each start, is in it.
 */
export async function publishAddresses(dataDir: string, urls: EngineUrls): Promise<void> {
  await writeFile(join(dataDir, FILE), JSON.stringify({ pid: process.pid, ...urls }), { mode: 0o600, flag: 'wx' })
}

/** Never throws. */
export async function removeAddresses(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true }).catch(() => undefined)
}

/** Where the engines of another process on this folder are reached; undefined when there are none. */
export async function findAddresses(dataDir: string): Promise<EngineUrls | undefined> {
  const pid = await lockHolder(dataDir)
  if (pid === undefined) return undefined
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => '{}')
  const { pid: writer, ...urls } = JSON.parse(text) as EngineUrls & { pid?: number }
  // A process that was killed leaves its file behind.
  return writer === pid ? urls : undefined
}
