/** What an event may be. */
export const EVENT_LIMITS = {
  nameLength: 128,
  keys: 64,
  keyLength: 128,
  valuesBytes: 8 * 1024,
  /** numbers are kept as Decimal(76, 38): with less than 10^28 the sum of 10^10 of them fits */
  integerDigits: 28,
  decimals: 38,
  /** 2000-01-01T00:00:00Z */
  earliestMs: 946_684_800_000,
  /** clocks of senders run ahead */
  aheadMs: 24 * 60 * 60 * 1000,
} as const

/** One event alone, and a batch of them. */
export const MAX_EVENT_BYTES = 64 * 1024
export const MAX_BATCH_EVENTS = 10_000
/** Room for as many events of 8 KiB, with their names and the white space of JSON. */
export const MAX_BATCH_BYTES = 96 * 1024 * 1024
/** More than an event can have with all the white space of JSON: a longer one is not even parsed. */
export const MAX_BATCH_EVENT_BYTES = 1024 * 1024
/** The bodies of batches that are being read may take so much together, and those of one user half of it. */
export const MAX_BODIES_BYTES = 2 * MAX_BATCH_BYTES
export const MAX_BODIES_BYTES_PER_USER = MAX_BATCH_BYTES
/** A batch is parsed in pieces of about this size. */
export const BATCH_PIECE_BYTES = 32 * 1024
