import { formatInstant, formatInteger } from '../../components/format'
import { inWords } from './actions'

export interface Fact {
  name: string
  value: string
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/

/** What changed, in words: a name and a value each, nothing nested. `before` and `after` become "old -> new" of what differs. */
export function factsOf(details: Record<string, unknown>): Fact[] {
  const { before, after, fields, ...rest } = details
  return [
    ...differences(before, after),
    ...(Array.isArray(fields)
      ? [{ name: 'Fields given', value: fields.map((field) => inWords(String(field)).toLowerCase()).join(', ') }]
      : []),
    ...Object.entries(rest).map(([name, value]) => ({ name: inWords(name), value: textOf(value) })),
  ]
}

function differences(before: unknown, after: unknown): Fact[] {
  const [old, now] = [recordOf(before), recordOf(after)]
  if (!old && !now) return []
  const names = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])]
  return names
    .filter((name) => JSON.stringify(old?.[name]) !== JSON.stringify(now?.[name]))
    .map((name) => {
      const [was, is] = [textOf(old?.[name]), textOf(now?.[name])]
      if (!old) return { name: inWords(name), value: is }
      return { name: inWords(name), value: now ? `${was} → ${is}` : `was ${was}` }
    })
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return formatInteger(value)
  if (typeof value === 'string') return INSTANT.test(value) ? formatInstant(value) : value
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return value.map(textOf).join(', ') || 'none'
  return JSON.stringify(value)
}
