/** An event as it was stored: what the live streams carry. */
export interface StoredEvent {
  /** UUIDv7 */
  id: string
  /** ISO-8601 UTC with milliseconds: when it happened, or when it was received where the sender did not say */
  timestamp: string
  source: string
  type: string
  values: Record<string, string | number | boolean>
}

/** Emitted in the process that stored them, after they are durable, in the order in which they were acknowledged. */
export const EVENTS_STORED = 'events.stored'
