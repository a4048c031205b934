/** How long a message that failed waits before it is delivered again: the first time, the second time, and so on. */
export const RETRY_DELAYS_MS: readonly number[] = [1_000, 5_000, 15_000]

/** A message whose handler fails this often is given up. */
export const MAX_DELIVERIES = RETRY_DELAYS_MS.length + 1

/** What a handler throws on a message that it will never be able to handle: it is given up at once. */
export class PoisonedMessageError extends Error {}

export interface Consumer {
  /** messages in work at once */
  concurrency: number
  /** One that throws has its message delivered again later, MAX_DELIVERIES times in all. */
  handler: (message: string) => Promise<void>
  /** Called for a message that is given up, before it goes to the dead letters. One that throws is called again later. */
  onExhausted?: (message: string, error: Error) => Promise<void>
}

/**
 * Carries short texts (the id of a job, or a batch of rows as JSON) to whoever works on them. What must not be lost is
 * in PostgreSQL: a message that is lost costs time and never a row. A message may be delivered more than once.
 */
export abstract class JobQueue {
  /** Makes the queue known to the broker, at start or as soon as the broker is reached. */
  abstract declare(queue: string): Promise<void>
  /** Resolves when the message is safe with the broker; UnavailableError (503) when that takes longer than 5 s. */
  abstract publish(queue: string, message: string): Promise<void>
  /** Delivers the queue's messages, oldest first; those that failed come again after their delay. */
  abstract consume(queue: string, consumer: Consumer): Promise<void>
  /** Puts a message among the queue's dead letters, for the operator to see. */
  abstract deadLetter(queue: string, message: string, reason: string): Promise<void>
  /** How many messages wait in each declared queue to be delivered; throws while the broker is out of reach. */
  abstract depths(): Promise<{ queue: string; messages: number }[]>
  /** null: the broker does not tell it, or there is none, or it is out of reach */
  abstract brokerVersion(): string | null
  /** Takes no more messages and resolves when the handlers that run have ended. */
  abstract close(): Promise<void>
}
