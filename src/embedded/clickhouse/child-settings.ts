/** What the parent tells the engine's process, through its environment: arguments would show in `ps`. */
export interface ChildSettings {
  dataFolder: string
  /** For results and rows on their way; the process runs in it. */
  workFolder: string
  port: number
  password: string
  /** Statements at a time; more wait. */
  slots: number
  serverArgs: string[]
}

const VARIABLE = 'COUNTINGHOUSE_EMBEDDED_CLICKHOUSE'

export function childEnvironment(settings: ChildSettings): NodeJS.ProcessEnv {
  // Every running statement holds one thread of libuv's pool; files, compression and control statements need some too.
  return { ...process.env, UV_THREADPOOL_SIZE: String(settings.slots + 16), [VARIABLE]: JSON.stringify(settings) }
}

export function readChildSettings(): ChildSettings {
  const settings = JSON.parse(process.env[VARIABLE] ?? '') as ChildSettings
  delete process.env[VARIABLE]
  return settings
}
