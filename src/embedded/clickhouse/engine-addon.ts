import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** An opaque native handle. One runs one statement at a time; many on one folder run side by side. */
export type EngineConnection = object & { readonly __engineConnection: unique symbol }

/** What a statement gives back: its output in the asked format and what the engine counted. */
export interface EngineResult {
  bytes?: Uint8Array
  /** Seconds. */
  elapsed: number
  rowsRead: number
  bytesRead: number
}

/** What an INSERT gives back. Rows and bytes written include those of materialized views, as on a server. */
export interface EngineWriteResult {
  /** Seconds. */
  elapsed: number
  rowsWritten: number
  bytesWritten: number
}

interface EngineAddon {
  CreateConnection(folder: string, args?: string[]): EngineConnection
  CloseConnection(connection: EngineConnection): void
  /** Blocks: only for what takes no time. */
  QueryWithConnection(connection: EngineConnection, sql: string, format: string): string
  QueryAsyncConnection(connection: EngineConnection, sql: string, format: string): Promise<EngineResult>
  InsertRawAsyncConnection(
    connection: EngineConnection,
    sql: string,
    payload: Buffer,
    countLines: boolean,
  ): Promise<EngineWriteResult>
}

// The native addon and not chdb's Session class: Session.close() waits for every statement of the whole process, so
// that connections would pile up behind one long query, and its parameter binding runs one statement at a time.
const require = createRequire(import.meta.url)
const loaderPath = join(dirname(require.resolve('chdb')), 'dist', 'loader.js')

/** Loads the native engine (543 MB, once per process). Throws with a diagnosis on a platform without one. */
export function loadEngineAddon(): EngineAddon {
  return (require(loaderPath) as { loadNative(): EngineAddon }).loadNative()
}
