import { Injectable } from '@nestjs/common'
import {
  DataSource,
  QueryFailedError,
  type EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type Repository,
} from 'typeorm'
import type { Pool, PoolClient } from 'pg'
import { UnavailableError } from '../common/app-error.js'

/**
 * SQL for repositories: the pool for the hot path, without an ORM between, and transactions.
 * Every failure of the connection comes out as UnavailableError (503); a QueryFailedError or pg error keeps its `code`.
 */
@Injectable()
export class Database {
  constructor(private readonly dataSource: DataSource) {}

  /** One statement on any connection of the pool. Prepared and cached by the server when `name` is given. */
  async query<Row>(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    return translated(async () => (await this.pool.query({ text, values, name })).rows as Row[])
  }

  /** Reads and writes of entities outside a transaction. */
  async entities<Entity extends ObjectLiteral, T>(
    entity: EntityTarget<Entity>,
    work: (repository: Repository<Entity>) => Promise<T>,
  ): Promise<T> {
    return translated(() => work(this.dataSource.getRepository(entity)))
  }

  /** Runs `work` in a transaction; what it throws rolls back. */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return translated(() => this.dataSource.transaction(work))
  }

  /** A transaction on the driver's own client, for what the ORM does not know (COPY); what `work` throws rolls back. */
  async clientTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.onClient(async (client) => {
      await client.query('BEGIN')
      try {
        const result = await work(client)
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      }
    })
  }

  /**
   * Runs `work` while this session holds the advisory lock, so on one instance at a time; returns undefined at once
   * when another one holds it.
   */
  async withAdvisoryLock<T>(key: string, work: () => Promise<T>): Promise<T | undefined> {
    return this.onClient(async (client) => {
      const { rows } = await client.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
        [key],
      )
      if (!rows[0]!.locked) return undefined
      try {
        return await work()
      } finally {
        await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key])
      }
    })
  }

  /** The violated constraint's name when this is a unique violation (23505), else undefined. */
  uniqueViolation(error: unknown): string | undefined {
    return violated(error, '23505')
  }

  /** The violated constraint's name when a row refers to one that is not there, or is still referred to (23503). */
  foreignKeyViolation(error: unknown): string | undefined {
    return violated(error, '23503')
  }

  private async onClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await translated(() => this.pool.connect())
    let failure: Error | undefined
    try {
      return await translated(() => work(client))
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      // A client whose connection failed must not go back into the pool with its lock state unknown.
      client.release(failure instanceof UnavailableError)
    }
  }

  private get pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master
  }
}

function violated(error: unknown, code: string): string | undefined {
  const driver = (error instanceof QueryFailedError ? error.driverError : error) as {
    code?: string
    constraint?: string
  }
  return driver?.code === code ? (driver.constraint ?? '') : undefined
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isConnectionFailure(error)) throw new UnavailableError('The database cannot be reached; try again.', error)
    throw error
  }
}

/** Socket errors, and of SQLSTATE: class 08 connection, 57P01-57P03 shutting down or starting, 53300 too many clients. */
export function isConnectionFailure(error: unknown): boolean {
  const { code, message } = (error instanceof QueryFailedError ? error.driverError : error) as {
    code?: string
    message?: string
  }
  if (code && /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|08|57P0[123]|53300)/.test(code)) return true
  return /Connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable/i.test(
    message ?? '',
  )
}
