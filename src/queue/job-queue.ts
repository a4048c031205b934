/** A message whose handler fails this often is given up: logged, and with RabbitMQ moved to `<queue>.dead`. */
export const MAX_DELIVERIES = 3

/**
 * Carries the ids of jobs to whoever works on them. Messages hold only an id: the job rows in PostgreSQL are the durable
 * state, so a message that is lost costs time and never a job. A message may be delivered more than once.
 */
export abstract class JobQueue {
  /** Resolves when the message is safe with the engine; UnavailableError (503) when that takes longer than 5 s. */
  abstract publish(queue: string, id: string): Promise<void>
  /**
   * Calls `handler` for each message, at most `concurrency` at once, oldest first. A handler that throws has its message
   * delivered again, MAX_DELIVERIES times in all.
   */
  abstract consume(queue: string, concurrency: number, handler: (id: string) => Promise<void>): Promise<void>
  /** Takes no more messages and resolves when the handlers that run have ended. */
  abstract close(): Promise<void>
}
