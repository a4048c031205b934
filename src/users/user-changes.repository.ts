import { Injectable } from '@nestjs/common'
import { In } from 'typeorm'
import { Database } from '../infrastructure/database/database.js'
import { UserEntity } from './user.entity.js'

/** NOTIFY sends the ids of changed users here, separated by commas. */
export const USER_CHANGES_CHANNEL = 'user_changes'

/** A place in the log of changes: all of the order (xid, seq) up to it. Decimal texts of 64-bit numbers. */
export interface ChangePosition {
  xid: string
  seq: string
}

export interface UserChange extends ChangePosition {
  userId: string
  type: 'created' | 'updated' | 'deleted'
  /** as it is now, which may be later than this change; null when the row is gone */
  user: UserEntity | null
}

const PRUNE_BATCH_ROWS = 10_000

/**
 * The log of changes to users, which triggers write (migrations/postgres, users). It is read only up to the oldest
 * transaction that still runs: all before that has ended, so nothing can appear behind a reader's back.
 */
@Injectable()
export class UserChangesRepository {
  constructor(private readonly database: Database) {}

  /** The position that all changes to come lie behind; what lies before it is in every answer from now on. */
  async end(): Promise<ChangePosition> {
    const [row] = await this.database.query<{ xid: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid',
    )
    return { xid: row!.xid, seq: '0' }
  }

  /** Whether all changes behind the position are still there. One of another database cluster is not known either. */
  async isKnown({ xid, seq }: ChangePosition): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM user_changes_pruned p
       WHERE (p.xid, p.seq) <= ($1::text::xid8, $2::bigint)
         AND $1::text::xid8 <= pg_snapshot_xmin(pg_current_snapshot())`,
      [xid, seq],
    )
    return rows.length > 0
  }

  /** Users in the order of their ids, without those whose creation lies behind `since`. */
  async users(after: string, since: ChangePosition, limit: number): Promise<UserEntity[]> {
    return this.database
      .repository(UserEntity)
      .createQueryBuilder('user')
      .where('user.id > :after', { after })
      .andWhere(
        `NOT EXISTS (SELECT 1 FROM user_changes c WHERE c.user_id = user.id AND c.type = 'created'
           AND (c.xid, c.seq) > (CAST(CAST(:xid AS text) AS xid8), :seq))`,
        since,
      )
      .orderBy('user.id')
      .limit(limit)
      .getMany()
  }

  /**
   * The next changes behind the position, in order. `isPending`: there are more, which cannot be shown yet because an
   * older transaction still runs.
   */
  async after({ xid, seq }: ChangePosition, limit: number): Promise<{ changes: UserChange[]; isPending: boolean }> {
    const rows = await this.database.query<ChangePosition & Pick<UserChange, 'userId' | 'type'> & { final: boolean }>(
      `SELECT xid::text, seq::text, user_id AS "userId", type,
              xid < pg_snapshot_xmin(pg_current_snapshot()) AS final
       FROM user_changes WHERE (xid, seq) > ($1::text::xid8, $2::bigint) ORDER BY user_changes.xid, user_changes.seq LIMIT $3`,
      [xid, seq, limit],
      'user-changes-after',
    )
    const final = rows.filter((row) => row.final)
    const users = await this.usersOf(final.map(({ userId }) => userId))
    return {
      changes: final.map((row) => ({ ...row, user: users.get(row.userId) ?? null })),
      isPending: final.length < rows.length,
    }
  }

  /** Cuts off what is older, from the old end on; gives how many rows it dropped. */
  async prune(olderThan: Date): Promise<number> {
    let total = 0
    for (;;) {
      const [{ dropped }] = (await this.database.query<{ dropped: number }>(PRUNE, [olderThan, PRUNE_BATCH_ROWS])) as [
        { dropped: number },
      ]
      total += dropped
      if (dropped < PRUNE_BATCH_ROWS) return total
    }
  }

  /** Rows that came with a restore from another cluster, whose transaction numbers were further on. */
  async dropForeign(): Promise<void> {
    await this.database.query('DELETE FROM user_changes WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())')
    await this.database.query(
      `UPDATE user_changes_pruned SET xid = '0', seq = 0 WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())`,
    )
  }

  /** Deleted ones too: the creation of somebody who was deleted later is still told. */
  private async usersOf(ids: string[]): Promise<Map<string, UserEntity>> {
    if (ids.length === 0) return new Map()
    const users = this.database.repository(UserEntity)
    const found = await users.find({ where: { id: In([...new Set(ids)]) }, withDeleted: true })
    return new Map(found.map((user) => [user.id, user]))
  }
}

/** Only a beginning of the order is cut off, although the times in it are not quite in order. */
const PRUNE = `
  WITH oldest AS (
    SELECT xid, seq, at >= $1 AS young FROM user_changes ORDER BY xid, seq LIMIT $2
  ), doomed AS (
    SELECT xid, seq FROM (SELECT xid, seq, bool_or(young) OVER (ORDER BY xid, seq) AS kept FROM oldest) o WHERE NOT kept
  ), gone AS (
    DELETE FROM user_changes c USING doomed d WHERE c.xid = d.xid AND c.seq = d.seq RETURNING c.xid, c.seq
  ), noted AS (
    UPDATE user_changes_pruned SET (xid, seq) = (SELECT xid, seq FROM gone ORDER BY xid DESC, seq DESC LIMIT 1)
    WHERE EXISTS (SELECT 1 FROM gone)
  )
  SELECT count(*)::int AS dropped FROM gone`
