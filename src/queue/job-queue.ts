/**
 * Carries the ids of jobs to whoever works on them. Messages hold only an id: the job rows in PostgreSQL are the durable
 * state, so a message that is lost costs time and never a job.
 */
export abstract class JobQueue {
  /** Resolves when the message is safe with the engine. */
  abstract publish(queue: string, id: string): Promise<void>
  /**
   * Calls `handler` for each message, at most `concurrency` at once, oldest first. A handler that throws has its message
   * delivered again later, a few times.
   */
  abstract consume(queue: string, concurrency: number, handler: (id: string) => Promise<void>): Promise<void>
  /** Takes no more messages and resolves when the handlers that run have ended. */
  abstract close(): Promise<void>
}
