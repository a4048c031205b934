import { printable } from '../format.js'
import { print } from './messages.js'

/** Prints one thing: as JSON all of it, for people its fields one below the other; those without a value are left out. */
export function printFields(thing: object, fields: Record<string, string | null | undefined>, json: boolean): void {
  print(json ? JSON.stringify(thing) : fieldsText(fields))
}

export function fieldsText(fields: Record<string, string | null | undefined>): string {
  const shown = Object.entries(fields).filter((field): field is [string, string] => Boolean(field[1]))
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join('\n')
}
