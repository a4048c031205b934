import { Injectable } from '@nestjs/common'
import { Warehouse } from '../warehouse/warehouse.js'
import { EVENT_COLUMNS, EVENT_FORMAT } from './event-row.js'

/** The table `events`. Throws what Warehouse throws. */
@Injectable()
export class EventsRepository {
  constructor(private readonly warehouse: Warehouse) {}

  /** Rows of eventRow. They are durable when it resolves; a second insert with the same token adds nothing. */
  async insert(rows: string[], token: string): Promise<void> {
    const body = Buffer.from(rows.join(''))
    await this.warehouse.insert('events', EVENT_COLUMNS, EVENT_FORMAT, body, {
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

  /** Whether the event is stored that has this id and was received at this moment or later. */
  async isStored(id: string, receivedMs: number): Promise<boolean> {
    const [row] = await this.warehouse.query<{ found: string }>(
      `SELECT count() AS found FROM events
       WHERE received_at >= fromUnixTimestamp64Milli({receivedMs:Int64}, 'UTC') AND id = {id:UUID}`,
      { params: { id, receivedMs } },
    )
    return Number(row?.found) > 0
  }
}
