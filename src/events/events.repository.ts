import { Injectable } from '@nestjs/common'
import { Readable } from 'node:stream'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { ReplicaGuard } from '../infrastructure/clickhouse/replica-guard.js'
import { ReplicaRowsService } from '../infrastructure/clickhouse/replica-rows.js'
import { EVENT_COLUMNS, EVENT_FORMAT } from './event-row.js'

const SMALL_BYTES = 256 * 1024

/** The table `events`. Throws what ClickHouse throws. */
@Injectable()
export class EventsRepository {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly guard: ReplicaGuard,
    private readonly replicas: ReplicaRowsService,
  ) {}

  /** Rows of eventRow, one or more in each text. They are durable when it resolves; a second insert with the same token adds nothing. */
  async insert(rows: string[], token: string): Promise<void> {
    await this.clickhouse.insert('events', EVENT_COLUMNS, EVENT_FORMAT, bodyOf(rows), {
      settings: {
        insert_deduplication_token: token,
        // One block, so that the token covers it whole and it is stored or not stored.
        min_insert_block_size_bytes: '0',
        max_insert_block_size: '1000000',
        input_format_parallel_parsing: 0,
        async_insert: 0,
      },
    })
  }

  /**
   * Waits until the replicas of a cluster have what was inserted. An insert has one part in each shard, there whole or not
   * at all, so some of its events stand for all of them.
   */
  async expectReplicated(ids: string[], receivedMs: number): Promise<void> {
    const where = `received_at >= fromUnixTimestamp64Milli({receivedMs:Int64}, 'UTC') AND id IN {ids:Array(UUID)}`
    await this.replicas.expectReplicated({ table: 'events', where, params: { receivedMs, ids } }, ids.length)
  }

  /** Whether the event is stored that has this id and was received at this moment or later. */
  async isStored(id: string, receivedMs: number): Promise<boolean> {
    const [row] = await this.guard.read('events', (settings) =>
      this.clickhouse.query<{ found: string }>(
        `SELECT count() AS found FROM events
         WHERE received_at >= fromUnixTimestamp64Milli({receivedMs:Int64}, 'UTC') AND id = {id:UUID}`,
        { params: { id, receivedMs }, settings },
      ),
    )
    return Number(row?.found) > 0
  }
}

/** Many bytes are made while they are sent, so that others are served in between. */
function bodyOf(rows: string[]): Buffer | Readable {
  const bytes = rows.reduce((sum, row) => sum + row.length, 0)
  return bytes <= SMALL_BYTES ? Buffer.from(rows.join('')) : Readable.from(encoded(rows), { objectMode: false })
}

function* encoded(rows: string[]): Generator<Buffer> {
  for (const row of rows) yield Buffer.from(row)
}
