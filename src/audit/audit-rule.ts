import type { FastifyRequest } from 'fastify'

/** How an action is written down. Neither keys, secrets nor personal data belong in `details`: name the fields instead. */
export interface AuditRule<Result> {
  /** `<what>.<verb>`: `user.create` */
  action: string
  /** what was acted on; the `id` in the path when absent */
  target?: (request: FastifyRequest, result: Result) => string | null
  details?: (request: FastifyRequest, result: Result) => Record<string, unknown>
  /**
   * Where one transaction around the handler will not do: `by the service` writes the entry itself, with
   * AuditTrail.record in the transaction of its action; `afterwards` suits actions that are not PostgreSQL's alone.
   */
  written?: 'by the service' | 'afterwards'
}
