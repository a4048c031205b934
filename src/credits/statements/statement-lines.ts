import type { Statement } from './statement.dto.js'

/** A line of a statement as a table: all amounts but that of `closing` add up to it. */
export interface StatementLine {
  line: 'opening' | 'grant' | 'charge' | 'release' | 'expire' | 'void' | 'closing'
  reason: string | null
  dataset: string | null
  endpoint: string | null
  /** grants, or requests that were charged */
  count: number | null
  amount: number
}

export const LINE_COLUMNS = [
  'line',
  'reason',
  'dataset',
  'endpoint',
  'count',
  'amount',
] satisfies (keyof StatementLine)[]

const EMPTY = { reason: null, dataset: null, endpoint: null, count: null }

export function linesOf(statement: Statement): StatementLine[] {
  const { opening, expired, voided, closing, grants, usage } = statement
  return [
    { ...EMPTY, line: 'opening', amount: opening },
    ...grants.map((grant) => ({ ...EMPTY, line: 'grant' as const, ...grant })),
    ...usage.flatMap(({ dataset, endpoint, requests, charged, released }): StatementLine[] => [
      ...(charged === 0
        ? []
        : [{ ...EMPTY, line: 'charge' as const, dataset, endpoint, count: requests, amount: charged }]),
      ...(released === 0 ? [] : [{ ...EMPTY, line: 'release' as const, dataset, endpoint, amount: released }]),
    ]),
    { ...EMPTY, line: 'expire', amount: expired },
    { ...EMPTY, line: 'void', amount: voided },
    { ...EMPTY, line: 'closing', amount: closing },
  ]
}
