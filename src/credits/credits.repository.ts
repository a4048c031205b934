import { Injectable } from '@nestjs/common'
import type { PageQuery } from '../common/pagination.dto.js'
import { plainArray, textArray } from '../infrastructure/database/array-literal.js'
import { Database } from '../infrastructure/database/database.js'
import { creditsGranted } from './credits-metrics.js'
import type { ChargeCondition, ChargeInput, EntryRow, GrantInput, GrantRow, LimitExceeded } from './credits.types.js'

export type ChargeRow = ChargeInput & { chargeId: string }

export interface ChargeOutcome {
  charged: boolean
  /** after the charge, or the one that did not cover it */
  balance: number
  /** set where a limit of the key refused it */
  exceeded?: LimitExceeded
}

/** As credits_charge gives them. */
interface ChargeOutcomes {
  charged: boolean[]
  balances: number[]
  capped: Record<number, Omit<LimitExceeded, 'resetsAt'> & { resetsAt: string | null }> | null
  renewed: number | null
}

export interface Reservation {
  id: string
  userId: string
}

export type ReleaseRow = Reservation & {
  reason: string
  /** whether the charge was made with a reservation, whose absence then means that it is settled */
  reserved: boolean
}

/**
 * The SQL of credits; the rules themselves are the functions of migrations/postgres/*-credits.ts and *-credit-limits.ts.
 * Amounts leave the database as float8: they are whole numbers below 2^53, and bigint would arrive as
 * text. `now` null is the database's clock.
 */
@Injectable()
export class CreditsRepository {
  constructor(private readonly database: Database) {}

  /**
   * One round trip, and one row of arrays back, for the whole batch; outcomes in the order of `charges`. Undefined when one
   * of the conditions does not hold: nothing was charged then.
   */
  async charge(
    charges: ChargeRow[],
    conditions: ChargeCondition[],
    instanceId: string,
    now: Date | null,
  ): Promise<ChargeOutcome[] | undefined> {
    // The one look into another module's table: a statement of its own would be a second round trip for every cached query.
    const [row] = await this.database.query<{ outcomes: ChargeOutcomes | null }>(
      `SELECT CASE WHEN NOT EXISTS (
           SELECT FROM unnest($11::text[], $12::bigint[]) AS expected (dataset, version)
             LEFT JOIN dataset_versions AS current USING (dataset)
           WHERE coalesce(current.version, 0) <> expected.version
         ) THEN to_json(credits_charge($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::boolean[],
           $7::uuid[], $8::uuid[], $9::uuid, $10::timestamptz)) END AS outcomes`,
      [
        plainArray(charges, ({ chargeId }) => chargeId),
        plainArray(charges, ({ userId }) => userId),
        plainArray(charges, ({ cost }) => cost),
        textArray(charges, ({ requestId }) => requestId),
        textArray(charges, ({ reason }) => reason),
        plainArray(charges, ({ reserve }) => reserve),
        plainArray(charges, ({ keyId }) => keyId ?? null),
        plainArray(charges, ({ limitId }) => limitId ?? null),
        instanceId,
        now,
        conditions.map(({ dataset }) => dataset),
        conditions.map(({ version }) => version),
      ],
      'credits-charge',
    )
    const { outcomes } = row!
    if (!outcomes) return undefined
    const { charged, balances, capped, renewed } = outcomes
    if (renewed) creditsGranted.inc(renewed)
    const found: ChargeOutcome[] = charged.map((each, index) => ({ charged: each, balance: balances[index]! }))
    for (const [index, { resetsAt, ...exceeded }] of Object.entries(capped ?? {}))
      found[Number(index)]!.exceeded = { ...exceeded, resetsAt: resetsAt === null ? null : new Date(resetsAt) }
    return found
  }

  /** Tells webhooks, once until the next grant, that the balance was too small for a request. */
  async reportExhausted(userId: string): Promise<void> {
    await this.database.query('SELECT credits_report_exhausted($1::uuid)', [userId], 'credits-exhausted')
  }

  /** What came back of these charges, also to grants that are over by now. */
  async releasedCredits(chargeIds: string[]): Promise<number> {
    const [row] = await this.database.query<{ credits: number }>(
      `SELECT coalesce(sum(amount), 0)::float8 AS credits FROM credit_entries
       WHERE charge_id = ANY ($1::uuid[]) AND type = 'release'`,
      [chargeIds],
    )
    return row!.credits
  }

  /** One round trip for the whole batch; outcomes in the order of `items`. */
  async release(items: ReleaseRow[], now: Date | null): Promise<{ released: boolean; balance: number }[]> {
    return this.database.query(
      `SELECT released, balance::float8 AS balance
       FROM credits_release($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::timestamptz)`,
      [
        items.map((item) => item.id),
        items.map((item) => item.userId),
        items.map((item) => item.reason),
        items.map((item) => item.reserved),
        now,
      ],
      'credits-release',
    )
  }

  /** Makes charges final; gives how many were still in flight. */
  async settle(chargeIds: string[]): Promise<number> {
    const [row] = await this.database.query<{ settled: number }>(
      'SELECT credits_settle($1::uuid[]) AS settled',
      [chargeIds],
      'credits-settle',
    )
    return row!.settled
  }

  async openAccount(userId: string): Promise<void> {
    await this.database.query('INSERT INTO credit_accounts (user_id) VALUES ($1)', [userId])
  }

  /** The balance after the grant; null: no such user; -1: the balance would become too large. */
  async grant(id: string, input: GrantInput, now: Date | null): Promise<number | null> {
    const [row] = await this.database.query<{ balance: number | null }>(
      `SELECT credits_grant($1::uuid, $2::uuid, $3::bigint, $4::smallint, $5::timestamptz, $6::text, $7::timestamptz)::float8
         AS balance`,
      [id, input.userId, input.amount, input.priority ?? 50, input.expiresAt ?? null, input.reason ?? null, now],
    )
    const { balance } = row!
    if (balance !== null && balance >= 0) await this.database.afterCommit(() => creditsGranted.inc(input.amount))
    return balance
  }

  /** False when there is no such grant. */
  async voidGrant(grantId: string, reason: string | null, now: Date | null): Promise<boolean> {
    const [row] = await this.database.query<{ found: boolean }>(
      'SELECT credits_void($1::uuid, $2::text, $3::timestamptz) AS found',
      [grantId, reason, now],
    )
    return row!.found
  }

  /** Live balances: credit that has expired does not count, whether its entry is written yet or not. */
  async balances(userIds: string[], now: Date | null): Promise<Map<string, number>> {
    const rows = await this.database.query<{ userId: string; balance: number }>(
      `SELECT user_id AS "userId", sum(remaining)::float8 AS balance FROM credit_grants
       WHERE user_id = ANY ($1::uuid[]) AND live
         AND (expires_at IS NULL OR expires_at > coalesce($2::timestamptz, clock_timestamp()))
       GROUP BY user_id`,
      [userIds, now],
    )
    return new Map(rows.map((row) => [row.userId, row.balance]))
  }

  async hasAccount(userId: string): Promise<boolean> {
    return (await this.database.query('SELECT 1 FROM credit_accounts WHERE user_id = $1', [userId])).length > 0
  }

  /** Newest first. */
  async entries(userId: string, { limit, offset }: PageQuery): Promise<{ rows: EntryRow[]; total: number }> {
    const [rows, [count]] = await Promise.all([
      this.database.query<EntryRow>(
        `SELECT ${ENTRY_COLUMNS}
         FROM credit_entries WHERE user_id = $1 ORDER BY seq DESC LIMIT $2 OFFSET $3`,
        [userId, limit, offset],
      ),
      this.database.query<{ total: number }>(
        'SELECT count(*)::float8 AS total FROM credit_entries WHERE user_id = $1',
        [userId],
      ),
    ])
    return { rows, total: count!.total }
  }

  /** Newest first, those before the entry number `before`; each with its number. */
  entriesBefore(userId: string, before: number | null, limit: number): Promise<(EntryRow & { seq: number })[]> {
    return this.database.query(
      `SELECT ${ENTRY_COLUMNS}, seq::float8 AS seq
       FROM credit_entries WHERE user_id = $1 AND seq < coalesce($2::bigint, 9223372036854775807)
       ORDER BY seq DESC LIMIT $3`,
      [userId, before, limit],
    )
  }

  /** In burn order; used up, expired and voided ones included. */
  async grants(
    userId: string,
    { limit, offset }: PageQuery,
    now: Date | null,
  ): Promise<{ rows: GrantRow[]; total: number }> {
    const [rows, [count]] = await Promise.all([
      this.database.query<GrantRow>(
        `${SELECT_GRANTS} WHERE user_id = $2 ORDER BY priority, expires_at NULLS LAST, seq LIMIT $3 OFFSET $4`,
        [now, userId, limit, offset],
      ),
      this.database.query<{ total: number }>('SELECT count(*)::float8 AS total FROM credit_grants WHERE user_id = $1', [
        userId,
      ]),
    ])
    return { rows, total: count!.total }
  }

  async grantById(grantId: string, now: Date | null): Promise<GrantRow | undefined> {
    return (await this.database.query<GrantRow>(`${SELECT_GRANTS} WHERE id = $2`, [now, grantId]))[0]
  }

  /** Active members with fewer than `threshold` credits; a balance may hold credit that expired a minute ago. */
  async countLow(threshold: number): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM credit_accounts a JOIN users u ON u.id = a.user_id
       WHERE a.balance < $1 AND u.role = 'member' AND u.status = 'active' AND u.deleted_at IS NULL`,
      [threshold],
    )
    return row!.count
  }

  /** Writes the `expire` entries that one user's ledger lacks. */
  async expireUser(userId: string, now: Date | null): Promise<void> {
    await this.database.query('SELECT credits_expire_user($1::uuid, $2::timestamptz)', [userId, now])
  }

  /** Writes `expire` entries of at most `limit` users whose credit has expired; gives how many there were. */
  async expireDue(limit: number, now: Date | null): Promise<number> {
    const [row] = await this.database.query<{ users: number }>(
      'SELECT credits_expire_due($1::integer, $2::timestamptz) AS users',
      [limit, now],
    )
    return row!.users
  }

  async heartbeat(instanceId: string, now: Date | null): Promise<void> {
    await this.database.query(
      `INSERT INTO service_instances (id, started_at, heartbeat_at)
       VALUES ($1, coalesce($2::timestamptz, clock_timestamp()), coalesce($2::timestamptz, clock_timestamp()))
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at`,
      [instanceId, now],
    )
  }

  /** Takes the instance off the list when it stops, and those that have been dead for a day. */
  async forgetInstance(instanceId: string, now: Date | null): Promise<void> {
    await this.database.query(
      `DELETE FROM service_instances
       WHERE id = $1 OR heartbeat_at < coalesce($2::timestamptz, clock_timestamp()) - interval '1 day'`,
      [instanceId, now],
    )
  }

  /** Charges in flight whose process has shown no sign of life for `silentSeconds`. */
  async orphans(silentSeconds: number, now: Date | null): Promise<Reservation[]> {
    return this.database.query(
      `SELECT r.id, r.user_id AS "userId" FROM credit_reservations r
       LEFT JOIN service_instances i ON i.id = r.instance_id
       WHERE greatest(i.heartbeat_at, r.created_at)
         < coalesce($2::timestamptz, clock_timestamp()) - make_interval(secs => $1)
       LIMIT 1000`,
      [silentSeconds, now],
    )
  }

  /** This instance's own charges in flight that are older than `seconds`. */
  async own(instanceId: string, seconds: number, now: Date | null): Promise<Reservation[]> {
    return this.database.query(
      `SELECT id, user_id AS "userId" FROM credit_reservations
       WHERE instance_id = $1 AND created_at < coalesce($3::timestamptz, clock_timestamp()) - make_interval(secs => $2)`,
      [instanceId, seconds, now],
    )
  }

  async reservation(chargeId: string): Promise<Reservation | undefined> {
    const rows = await this.database.query<Reservation>(
      'SELECT id, user_id AS "userId" FROM credit_reservations WHERE id = $1',
      [chargeId],
    )
    return rows[0]
  }
}

const ENTRY_COLUMNS = `id, grant_id AS "grantId", type, amount::float8 AS amount, balance_after::float8 AS "balanceAfter",
  request_id AS "requestId", reason, created_at AS "createdAt"`

/** An expired grant has nothing left, also before its entry is written. */
const SELECT_GRANTS = `
  SELECT id, amount::float8 AS amount,
         CASE WHEN expires_at <= coalesce($1::timestamptz, clock_timestamp()) THEN 0 ELSE remaining END::float8 AS remaining,
         priority, expires_at AS "expiresAt", reason, voided_at AS "voidedAt", created_at AS "createdAt"
  FROM credit_grants`
