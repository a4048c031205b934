import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { validate as isUuid, v7 as uuidv7 } from 'uuid'
import { AmbientContext } from '../common/ambient-context.js'
import type { Page } from '../common/pagination.dto.js'
import type { AuditEntry, AuditQuery } from './audit.dto.js'
import { AuditRepository } from './audit.repository.js'

export const ROOT_ACTOR = 'root'
/** Whoever acts without being asked over HTTP. */
const SYSTEM_ACTOR = 'system'

export interface AuditedAction {
  action: string
  target: string | null
  details: Record<string, unknown>
}

/** An id may come in capitals; it is searched for as it is served. */
function asServed(target: string | null): string | null {
  return target !== null && isUuid(target) ? target.toLowerCase() : target
}

/** Who did what to whom, and when. */
@Injectable()
export class AuditTrail {
  private readonly acting = new AmbientContext<{ actor: string; requestId?: string }>()

  constructor(private readonly entries: AuditRepository) {}

  /** Runs `work` on behalf of a request's principal: what it records is its deed. */
  actingFor<T>({ principal, id }: FastifyRequest, work: () => Promise<T>): Promise<T> {
    return this.actingAs(principal?.userId ?? ROOT_ACTOR, id, work)
  }

  /** Runs `work` on behalf of somebody who has no key: a payment provider. */
  actingAs<T>(actor: string, requestId: string, work: () => Promise<T>): Promise<T> {
    return this.acting.run({ actor, requestId }, work)
  }

  /** Writes an entry; in the transaction around, if there is one (Database.transaction). */
  async record({ action, target, details }: AuditedAction): Promise<void> {
    const { actor, requestId } = this.acting.get() ?? { actor: SYSTEM_ACTOR }
    await this.entries.insert({
      id: uuidv7(),
      actor,
      action,
      target: asServed(target),
      details: { ...details, requestId },
    })
  }

  list(query: AuditQuery): Promise<Page<AuditEntry>> {
    return this.entries.list(query)
  }
}
