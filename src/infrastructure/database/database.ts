import { Injectable } from '@nestjs/common'
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js'
import type { Pool, PoolClient } from 'pg'
import { AmbientContext } from '../../common/ambient-context.js'
import { UnavailableError } from '../../common/errors/app-error.js'
import { translated } from './database-errors.js'

/** A transaction that everything called within it takes part in. */
interface AmbientTransaction {
  manager: EntityManager
  open: boolean
  afterCommit: (() => void | Promise<void>)[]
}

/**
 * PostgreSQL for repositories: entities, statements and transactions. What is called inside `transaction` runs in it,
 * however deep and without a manager being handed down: so an action, its line in the audit trail and its stored answer
 * are one commit.
 * Every failure of the connection comes out as UnavailableError (503); a QueryFailedError or pg error keeps its `code`.
 */
@Injectable()
export class Database {
  private readonly ambient = new AmbientContext<AmbientTransaction>()

  constructor(private readonly dataSource: DataSource) {}

  /** TypeORM's repository of an entity, in the transaction around if there is one. Ask for it with each call. */
  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    return (this.around()?.manager ?? this.dataSource.manager).getRepository(entity)
  }

  /**
   * One statement, on any connection of the pool unless a transaction is around. Outside of one it passes the ORM by, and
   * is prepared and cached by the server when `name` is given.
   */
  async query<Row>(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    const runner = this.around()?.manager.queryRunner
    if (!runner) return translated(async () => (await this.pool.query({ text, values, name })).rows as Row[])
    const { records } = await runner.query(text, values, true)
    return records as Row[]
  }

  /**
   * Runs `work` in a transaction; what it throws rolls back. Inside another one it is a savepoint of that: what it
   * throws takes back its own part, and the rest goes on if the caller catches it.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const source = this.around()?.manager ?? this.dataSource
    const afterCommit: AmbientTransaction['afterCommit'] = []
    const result = await source.transaction((manager) => this.within({ manager, open: true, afterCommit }, work))
    for (const each of afterCommit) await this.afterCommit(each)
    return result
  }

  /** Runs `work` when what is being done is durable: after the commit of the transaction around, else at once. */
  async afterCommit(work: () => void | Promise<void>): Promise<void> {
    const around = this.around()
    if (around) around.afterCommit.push(work)
    else await work()
  }

  private async within<T>(transaction: AmbientTransaction, work: () => Promise<T>): Promise<T> {
    try {
      return await this.ambient.run(transaction, work)
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

  /** Runs `work` while it has a connection of its own that holds the lock, however long the wait; in the order of arrival. */
  async whileLocked<T>(key: string, mode: 'shared' | 'exclusive', work: () => Promise<T>): Promise<T> {
    const lock = mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock'
    return this.clientTransaction(async (client) => {
      await client.query('SET LOCAL statement_timeout = 0')
      await client.query('SET LOCAL idle_in_transaction_session_timeout = 0')
      await client.query(`SELECT ${lock}(hashtextextended($1, 0))`, [key])
      return work()
    })
  }

  /** Connections of the pool: those that work, those that wait for work, and how many callers wait for one. */
  poolUse(): { active: number; idle: number; waiting: number; max: number } {
    const { totalCount, idleCount, waitingCount, options } = this.pool
    return { active: totalCount - idleCount, idle: idleCount, waiting: waitingCount, max: options.max }
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
    return (this.dataSource.driver as PostgresDriver).master as Pool
  }
}
