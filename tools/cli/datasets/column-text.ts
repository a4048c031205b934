import type { Column, Declaration } from './datasets-client.js'

const DEFAULT_SCALE = 4

/** `decimal(2)`, `date M/D/YYYY`, `timestamp Europe/Berlin`. */
export function typeText({ type, scale = DEFAULT_SCALE, format, timezone }: Column): string {
  const name = type === 'decimal' ? `decimal(${scale})` : type
  return [name, format, timezone].filter(Boolean).join(' ')
}

/** What a column is beside its type. */
export function marksOf(
  column: Column,
  { key = [], timeDimension }: Pick<Declaration, 'key' | 'timeDimension'>,
): string {
  const marks = [
    key.includes(column.name) && 'key',
    column.required === true && 'required',
    timeDimension === column.name && 'time',
  ]
  return marks.filter(Boolean).join(', ')
}

/** What `key` means for a row that is sent again. */
export function keyText(key: string[] = []): string {
  return key.length > 0
    ? `${key.join(', ')} (a row that is sent again replaces the older one)`
    : 'none (every row counts)'
}

/** `decimalSeparator ",", skipLines 2`, or undefined where there are none. */
export function fileOptionsText(options: Record<string, unknown> = {}): string | undefined {
  const texts = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return texts.length > 0 ? texts.join(', ') : undefined
}
