import type { EffectiveAccess } from '../../auth/access/effective-access.js'
import { chargeSubjectOf, visibleSubjectOf } from '../charge-reason.js'
import type { Month } from './month.js'
import type { StatementGrants, StatementMonth, StatementUsage } from './statement.dto.js'
import type { Movement } from './statements.repository.js'

/** The sums of a statement, from the movements of its month. */
export function sumsOf(movements: Movement[]) {
  const of = (type: Movement['type']): number => total(movements.filter((movement) => movement.type === type))
  return {
    opening: of('opening'),
    granted: of('grant'),
    charged: of('charge'),
    released: of('release'),
    expired: of('expire'),
    voided: of('void'),
    closing: total(movements),
  }
}

export function grantsOf(movements: Movement[]): StatementGrants[] {
  const grants = movements.filter(({ type }) => type === 'grant')
  return grants.map(({ reason, count, amount }) => ({ reason, count, amount })).sort((a, b) => b.amount - a.amount)
}

/** Charges and what came back of them, by what they were for; what does not exist for the reader is in a line without its name. */
export function usageOf(movements: Movement[], access: EffectiveAccess): StatementUsage[] {
  const bySubject = new Map<string, StatementUsage>()
  for (const { type, reason, count, amount } of movements) {
    if (type !== 'charge' && type !== 'release') continue
    const subject = visibleSubjectOf(chargeSubjectOf(reason), access)
    const key = `${subject.dataset} ${subject.endpoint}`
    const usage = bySubject.get(key) ?? { ...subject, requests: 0, charged: 0, released: 0 }
    if (type === 'charge') usage.requests += count
    usage[type === 'charge' ? 'charged' : 'released'] += amount
    bySubject.set(key, usage)
  }
  return [...bySubject.values()].sort((a, b) => a.charged + a.released - b.charged - b.released)
}

export function monthOfStatement({ name, from, to }: Month, now: Date): StatementMonth {
  return { month: name, from: from.toISOString(), to: to.toISOString(), isFinal: to <= now }
}

function total(movements: Movement[]): number {
  return movements.reduce((sum, { amount }) => sum + amount, 0)
}
