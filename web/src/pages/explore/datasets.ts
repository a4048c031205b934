import { useQuery } from '@tanstack/react-query'
import { request } from '../../api/http'
import type { Page } from '../../api/page'

export type MemberType = 'text' | 'date' | 'timestamp' | 'decimal' | 'integer'

export interface Member {
  name: string
  title: string
  type: MemberType
  /** time is a dimension that can be cut into periods */
  kind: 'dimension' | 'time' | 'measure'
}

export interface Dataset {
  name: string
  title: string
  description: string
  key: string
  members: Member[]
  rowCount: number
  lastIngestion: string | null
}

/** What can be asked. */
export function useDatasets() {
  return useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => request<Page<Dataset>>('GET', '/v1/datasets', { signal }),
    select: ({ data }) => data,
  })
}

export function isMeasure({ kind }: Member): boolean {
  return kind === 'measure'
}

export function isDimension({ kind }: Member): boolean {
  return kind !== 'measure'
}

export function isTime({ kind }: Member): boolean {
  return kind === 'time'
}

/** What a column of an answer is called. */
export function titleOf(name: string, { members }: Dataset): string {
  if (name === 'compareDateRange') return 'Compared range'
  return members.find((member) => member.name === name)?.title ?? name
}
