import { v7 as uuidv7 } from 'uuid'
import { expect } from 'vitest'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { InstanceId } from '../../src/common/instance-id.js'
import type { Config } from '../../src/config/config.js'
import { CreditsReconciler } from '../../src/credits/credits.reconciler.js'
import { CreditsRepository } from '../../src/credits/credits.repository.js'
import { CreditsService } from '../../src/credits/credits.service.js'
import { CreditsClock } from '../../src/credits/credits-clock.js'
import { type ChargeInput } from '../../src/credits/credits.types.js'
import type { LimitPeriod } from '../../src/credits/limits/credit-limit.entity.js'
import type { Database } from '../../src/infrastructure/database/database.js'
import { startPostgres, type TestPostgres } from './postgres.js'

/** A clock that tests move; all instances of a test share it. */
export class MovableClock extends CreditsClock {
  private time = Date.parse('2026-01-01T00:00:00Z')

  now(): Date {
    return new Date(this.time)
  }

  in(ms: number): Date {
    return new Date(this.time + ms)
  }

  move(ms: number): void {
    this.time += ms
  }
}

/** What one process of the application has of the credits: its own pool, its own services. */
export interface CreditsInstance {
  repository: CreditsRepository
  credits: CreditsService
  reconciler: CreditsReconciler
  instance: InstanceId
}

/** The credits on a PostgreSQL of their own, without the rest of the application. */
export class CreditsFixture {
  readonly clock = new MovableClock()

  private constructor(
    private readonly postgres: TestPostgres,
    readonly admin: Database,
  ) {}

  static async start(): Promise<CreditsFixture> {
    const postgres = await startPostgres(postgresMigrations)
    return new CreditsFixture(postgres, await postgres.connect())
  }

  get url(): string {
    return this.postgres.url
  }

  stop(): Promise<void> {
    return this.postgres.stop()
  }

  async startInstance(database?: Database, clock: CreditsClock = this.clock): Promise<CreditsInstance> {
    const pool = database ?? (await this.postgres.connect(4))
    const repository = new CreditsRepository(pool)
    const instance = new InstanceId()
    const credits = new CreditsService(repository, clock, instance)
    const config = { queryTimeoutSeconds: 30 } as Config
    const reconciler = new CreditsReconciler(repository, credits, pool, clock, instance, config)
    await reconciler.onModuleInit()
    return { repository, credits, reconciler, instance }
  }

  connect(): Promise<Database> {
    return this.postgres.connect(4)
  }

  async createUser(): Promise<string> {
    const id = uuidv7()
    await this.admin.query('INSERT INTO users (id, username) VALUES ($1, $2)', [id, id])
    await this.admin.query('INSERT INTO credit_accounts (user_id) VALUES ($1)', [id])
    return id
  }

  /** A key of the user that may spend so much. */
  async createLimitedKey(userId: string, credits: number, every: LimitPeriod): Promise<string> {
    const [id, limitId] = [uuidv7(), uuidv7()]
    await this.admin.query('INSERT INTO credit_limits (id, credits, every) VALUES ($1, $2, $3)', [
      limitId,
      credits,
      every,
    ])
    await this.admin.query(
      `INSERT INTO api_keys (id, user_id, prefix, hash, credit_limit_id) VALUES ($1::uuid, $2, 'ch_', sha256(uuid_send($1::uuid)), $3)`,
      [id, userId, limitId],
    )
    return id
  }

  /** What was used of a key's limit, in the order of its periods. */
  async usedOf(keyId: string): Promise<number[]> {
    const rows = await this.admin.query<{ used: number }>(
      `SELECT p.used::int FROM credit_limit_periods p JOIN api_keys k ON k.credit_limit_id = p.limit_id
       WHERE k.id = $1 ORDER BY p.period_start`,
      [keyId],
    )
    return rows.map(({ used }) => used)
  }

  /**
   * What must hold at every moment: entries, account and grants say the same, no entry ever said less than zero, and no key
   * has spent more than it may.
   */
  async expectBooksToBalance(): Promise<void> {
    const wrong = await this.admin.query(`
      SELECT a.user_id, a.balance, e.sum AS entries, g.sum AS grants, e.last FROM credit_accounts a
      CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS sum, count(*) AS count,
        coalesce((array_agg(balance_after ORDER BY seq DESC))[1], 0) AS last FROM credit_entries WHERE user_id = a.user_id) e
      CROSS JOIN LATERAL
        (SELECT coalesce(sum(remaining), 0) AS sum FROM credit_grants WHERE user_id = a.user_id) g
      WHERE a.balance <> e.sum OR a.balance <> g.sum OR a.balance <> e.last OR a.balance < 0`)
    expect(wrong).toEqual([])
    const broken = await this.admin.query(`
      SELECT * FROM (SELECT user_id, seq, balance_after, amount,
          sum(amount) OVER (PARTITION BY user_id ORDER BY seq) AS running FROM credit_entries) e
      WHERE running <> balance_after OR balance_after < 0`)
    expect(broken).toEqual([])
    const beyond = await this.admin.query(`
      SELECT p.id, p.used, l.credits, spent.credits AS spent FROM credit_limit_periods p JOIN credit_limits l ON l.id = p.limit_id
      CROSS JOIN LATERAL (SELECT coalesce(-sum(amount), 0) AS credits FROM credit_entries
        WHERE type IN ('charge', 'release')
          AND charge_id IN (SELECT charge_id FROM credit_entries WHERE p.id = ANY (limit_period_ids))) spent
      WHERE p.used <> spent.credits OR p.used > l.credits`)
    expect(beyond).toEqual([])
  }
}

export function chargeOf(userId: string, cost = 1, reserve = true): ChargeInput {
  return { userId, cost, requestId: uuidv7(), reason: 'test', reserve }
}
