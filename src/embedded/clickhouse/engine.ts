import { EngineConnection, EngineResult, EngineWriteResult, loadEngineAddon } from './engine-addon.js'

const NO_PAYLOAD = Buffer.alloc(0)

/** The engine on one data folder. It stays open as long as this object, whatever sessions come and go. */
export class Engine {
  private readonly addon = loadEngineAddon()
  private readonly keeper: EngineConnection

  constructor(
    private readonly folder: string,
    serverArgs: string[],
  ) {
    this.keeper = this.addon.CreateConnection(folder, serverArgs)
  }

  /** A new session costs 0.1 ms, so every request gets its own and no setting can leak into the next one. */
  openSession(): EngineSession {
    const connection = this.addon.CreateConnection(this.folder)
    return {
      prepare: (sql) => void this.addon.QueryWithConnection(connection, sql, 'Null'),
      read: (sql, format = 'TabSeparated') => this.addon.QueryAsyncConnection(connection, sql, format),
      write: (sql) => this.addon.InsertRawAsyncConnection(connection, sql, NO_PAYLOAD, false),
      close: () => this.addon.CloseConnection(connection),
    }
  }

  /** Only when no statement runs any more: closing under a running one aborts the process. */
  close(): void {
    this.addon.CloseConnection(this.keeper)
  }
}

/** One statement at a time. Never pass text that somebody else wrote behind a statement: all of it is executed. */
export interface EngineSession {
  /** Runs USE and SET: at once, because a thread's detour takes longer than they do. */
  prepare(sql: string): void
  read(sql: string, format?: string): Promise<EngineResult>
  write(sql: string): Promise<EngineWriteResult>
  close(): void
}
