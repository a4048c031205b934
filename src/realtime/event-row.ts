import { stringifyExactly } from './exact-json.js'

interface EventParts {
  id: string
  ms: number
  receivedMs: number
  source: string
  type: string
  keys: string[]
  values: Record<string, unknown>
  /** numbers whose text a double cannot hold */
  exact: Map<string, string>
}

/** The columns of `eventRow`, in its order. */
export const EVENT_COLUMNS = ['id', 'timestamp', 'received_at', 'source', 'type', 'values', 'texts', 'numbers']
export const EVENT_FORMAT = 'JSONCompactEachRow'

/** One line for the engine: an array of the columns. */
export function eventRow({ id, ms, receivedMs, source, type, keys, values, exact }: EventParts) {
  const texts: string[] = []
  const numbers: string[] = []
  for (const key of keys) {
    const value = values[key]
    const name = JSON.stringify(key)
    const number = typeof value === 'number' ? JSON.stringify(value) : exact.get(key)
    if (number !== undefined) numbers.push(`${name}:${number}`)
    else texts.push(`${name}:${typeof value === 'boolean' ? `"${value}"` : JSON.stringify(value)}`)
  }
  const text = exact.size === 0 ? JSON.stringify(values) : stringifyExactly(values)
  const names = `${JSON.stringify(source)},${JSON.stringify(type)}`
  const row = `["${id}","${clock(ms)}","${clock(receivedMs)}",${names},${JSON.stringify(text)},{${texts.join()}},{${numbers.join()}}]\n`
  return { row, valuesBytes: Buffer.byteLength(text) }
}

/** `2026-01-15 09:30:00.000` */
function clock(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 23)
}
