import { UnreadableLine } from './event-body.js'
import { readEvent, InvalidEvent } from './event-reader.js'
import type { RejectedEvent } from './events.dto.js'
import type { StoredEvent } from './stored-event.js'

/** The events of a batch, checked as they are read. */
export class EventBatch {
  readonly receivedMs = Date.now()
  readonly events: StoredEvent[] = []
  /** lines for ClickHouse, some in each text */
  readonly rows: string[] = []
  readonly rejected: RejectedEvent[] = []
  private count = 0

  add(values: unknown[]): void {
    let rows = ''
    for (const value of values) {
      const index = this.count++
      const read = value instanceof UnreadableLine ? value.reason : readEvent(value, this.receivedMs)
      if (typeof read === 'string') this.rejected.push({ index, reason: read })
      else if (read instanceof InvalidEvent) this.rejected.push({ index, reason: reasonOf(read) })
      else {
        this.events.push(read.event)
        rows += read.row
      }
    }
    if (rows) this.rows.push(rows)
  }
}

function reasonOf({ problem: { path, message } }: InvalidEvent): string {
  return path ? `${path}: ${message}` : message
}
