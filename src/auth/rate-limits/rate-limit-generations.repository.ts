import { randomUUID } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { inTime } from '../../common/in-time.js'
import { INSTANCE_ID } from '../../common/instance-id.js'
import { plainArray, textArray } from '../../infrastructure/database/array-literal.js'
import { Database } from '../../infrastructure/database/database.js'
import type { CountedHits, Generation, NewHits } from './hit-store.js'

/** Where an instance that has given no sign of life for so long is not waited for. */
export const LEASE_MS = 5_000
const TIMEOUT_MS = 2_000
const RETENTION_MS = 60_000
export const GENERATION_CHANNEL = 'rate_limit_generation'

/** What holds now, and how the instances stand to it. */
export interface GenerationState extends Generation {
  instances: number
  /** how many of them may still count in an earlier generation */
  behind: number
}

/** The agreement of all instances on where hits are counted, and their counts while it is here. */
@Injectable()
export class RateLimitGenerationsRepository {
  constructor(private readonly database: Database) {}

  /** Signs as alive, and then reads: who changes the generation meanwhile sees this instance, or it sees the change. */
  async signAndRead(reachesRedis: boolean): Promise<GenerationState> {
    await this.query(
      `INSERT INTO rate_limit_instances (instance, generation, reaches_redis, seen_at) VALUES ($1, 0, $2, clock_timestamp())
       ON CONFLICT (instance) DO UPDATE SET reaches_redis = excluded.reaches_redis, seen_at = clock_timestamp()`,
      [INSTANCE_ID, reachesRedis],
    )
    const [state] = await this.query<GenerationState>(
      `SELECT g.number, g.store, g.token, count(i)::int AS instances,
         count(i) FILTER (WHERE i.generation < g.number)::int AS behind
       FROM rate_limit_generation g
       LEFT JOIN rate_limit_instances i ON i.seen_at > clock_timestamp() - $1 * interval '1 millisecond'
       GROUP BY g.singleton`,
      [LEASE_MS],
    )
    return state!
  }

  /** This instance counts in no earlier generation any more, and has brought along what it had counted. */
  async follow({ number }: Generation): Promise<void> {
    await this.query(`UPDATE rate_limit_instances SET generation = $2 WHERE instance = $1`, [INSTANCE_ID, number])
  }

  /** Begins another generation here, unless the one after `from` has begun. */
  async moveToPostgres(from: Generation): Promise<void> {
    await this.query(
      `WITH moved AS (UPDATE rate_limit_generation SET number = number + 1, store = 'postgres', token = $2
         WHERE number = $1 RETURNING number)
       SELECT pg_notify('${GENERATION_CHANNEL}', number::text) FROM moved`,
      [from.number, randomUUID()],
    )
  }

  /** Begins another generation in Redis if all instances reach it. */
  async moveToRedis(from: Generation, token: string): Promise<void> {
    await this.query(
      `WITH moved AS (UPDATE rate_limit_generation SET number = number + 1, store = 'redis', token = $2
         WHERE number = $1 AND NOT EXISTS (SELECT FROM rate_limit_instances
           WHERE NOT reaches_redis AND seen_at > clock_timestamp() - $3 * interval '1 millisecond')
         RETURNING number)
       SELECT pg_notify('${GENERATION_CHANNEL}', number::text) FROM moved`,
      [from.number, token, LEASE_MS],
    )
  }

  async add({ number }: Generation, hits: readonly NewHits[]): Promise<CountedHits[]> {
    const counted = await this.query<CountedHits & { bucket: string }>(
      `INSERT INTO rate_limit_hits AS h (generation, bucket, hits, ends_at)
       SELECT $1, bucket, count, clock_timestamp() + ends_in * interval '1 millisecond'
       FROM unnest($2::text[], $3::int[], $4::float8[]) AS new (bucket, count, ends_in) ORDER BY bucket
       ON CONFLICT (generation, bucket) DO UPDATE SET
         hits = CASE WHEN h.ends_at > clock_timestamp() THEN h.hits ELSE 0 END + excluded.hits,
         ends_at = CASE WHEN h.ends_at > clock_timestamp() THEN h.ends_at ELSE excluded.ends_at END
       RETURNING bucket, hits::float8 AS total,
         greatest(1, extract(epoch FROM ends_at - clock_timestamp()) * 1000)::float8 AS "endsInMs"`,
      [
        number,
        textArray(hits, ({ bucket }) => bucket),
        plainArray(hits, ({ count }) => count),
        plainArray(hits, ({ endsInMs }) => endsInMs),
      ],
    )
    const byBucket = new Map(counted.map((each) => [each.bucket, each]))
    return hits.map(({ bucket }) => byBucket.get(bucket)!)
  }

  /** Deletes counts that nobody asks for any more, and instances that have ended without a word. */
  async tidy(current: Generation): Promise<void> {
    await this.query(
      `DELETE FROM rate_limit_hits
       WHERE generation < $1 OR ends_at < clock_timestamp() - $2 * interval '1 millisecond'`,
      [current.number, RETENTION_MS],
    )
    await this.query(
      `DELETE FROM rate_limit_instances WHERE seen_at < clock_timestamp() - $1 * interval '1 millisecond'`,
      [RETENTION_MS],
    )
  }

  async signOff(): Promise<void> {
    await this.query('DELETE FROM rate_limit_instances WHERE instance = $1', [INSTANCE_ID])
  }

  private query<Row>(text: string, values: unknown[]): Promise<Row[]> {
    return inTime(this.database.query<Row>(text, values), TIMEOUT_MS)
  }
}
