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
import { AmbientContext } from '../common/ambient-context.js'
import { UnavailableError } from '../common/app-error.js'

/** A transaction that everything called within it takes part in. */
interface AmbientTransaction {
  manager: EntityManager
  open: boolean
  /** the statement before this one: a connection runs one at a time */
  last: Promise<unknown>
  afterCommit: (() => void | Promise<void>)[]
}

/**
 * SQL for repositories: the pool for the hot path, without an ORM between, and transactions. What is called inside
 * `transaction` runs in it, however deep and without a manager being handed down: so an action, its line in the audit
 * trail and its stored answer are one commit.
 * Every failure of the connection comes out as UnavailableError (503); a QueryFailedError or pg error keeps its `code`.
 */
@Injectable()
export class Database {
  private readonly ambient = new AmbientContext<AmbientTransaction>()

  constructor(private readonly dataSource: DataSource) {}

  /**
   * One statement, on any connection of the pool unless a transaction is around. Prepared and cached by the server when
   * `name` is given.
   */
  async query<Row>(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    const around = this.around()
    if (!around) return translated(async () => (await this.pool.query({ text, values, name })).rows as Row[])
    return inTurn(around, async () => {
      const { records } = await around.manager.queryRunner!.query(text, values, true)
      return records as Row[]
    })
  }

  /** Reads and writes of entities. */
  async entities<Entity extends ObjectLiteral, T>(
    entity: EntityTarget<Entity>,
    work: (repository: Repository<Entity>) => Promise<T>,
  ): Promise<T> {
    const around = this.around()
    if (!around) return translated(() => work(this.dataSource.getRepository(entity)))
    return inTurn(around, () => work(around.manager.getRepository(entity)))
  }

  /**
   * Runs `work` in a transaction; what it throws rolls back. Inside another one it is a savepoint of that: what it
   * throws takes back its own part, and the rest goes on if the caller catches it.
   */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const around = this.around()
    const source = around ? around.manager : this.dataSource
    const afterCommit: AmbientTransaction['afterCommit'] = []
    const result = await translated(() => source.transaction((manager) => this.within(manager, afterCommit, work)))
    for (const each of afterCommit) await this.afterCommit(each)
    return result
  }

  /** Runs `work` when what is being done is durable: after the commit of the transaction around, else at once. */
  async afterCommit(work: () => void | Promise<void>): Promise<void> {
    const around = this.around()
    if (around) around.afterCommit.push(work)
    else await work()
  }

  private async within<T>(
    manager: EntityManager,
    afterCommit: AmbientTransaction['afterCommit'],
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const transaction: AmbientTransaction = { manager, open: true, last: Promise.resolve(), afterCommit }
    try {
      return await this.ambient.run(transaction, () => work(manager))
    } finally {
      // What was started in here and goes on behind it (a listener, a timer) must not write into a closed transaction.
      transaction.open = false
    }
  }

  private around(): AmbientTransaction | undefined {
    const transaction = this.ambient.get()
    return transaction?.open ? transaction : undefined
  }

  /**
   * A transaction on the driver's own client, for what the ORM does not know (COPY); what `work` throws rolls back. It
   * takes no part in a transaction around it.
   */
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

  /** Whether a number became greater than its column can hold (22003). */
  isOutOfRange(error: unknown): boolean {
    return violated(error, '22003') !== undefined
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

function inTurn<T>(transaction: AmbientTransaction, work: () => Promise<T>): Promise<T> {
  const result = transaction.last.then(() => translated(work))
  transaction.last = result.catch(() => undefined)
  return result
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
