import { parse, stringify } from 'lossless-json'
import { PREVIEW_ROWS, type Records } from './records'

/** The first lines, as far as they are objects. */
export function readNdjson(text: string, isWhole: boolean): Records {
  const lines = text.split('\n')
  return recordsOf((isWhole ? lines : lines.slice(0, -1)).filter((line) => line.trim() !== ''))
}

/** The first elements of `[...]`, or of `{"data": [...]}`, in text that may break off anywhere. */
export function readJsonArray(text: string): Records {
  const start = /^\s*(\[|\{[^[\]]*"data"\s*:\s*\[)/.exec(text)
  return recordsOf(start ? elementsOf(text, start[0].length) : [])
}

/** Cuts out the objects of an array whose inside begins at `at`; brackets within texts are none. */
function elementsOf(text: string, at: number): string[] {
  const elements: string[] = []
  let depth = 0
  let start = at
  let isQuoted = false
  for (let index = at; index < text.length && elements.length < PREVIEW_ROWS; index++) {
    const character = text[index]
    if (isQuoted) {
      if (character === '\\') index++
      else if (character === '"') isQuoted = false
    } else if (character === '"') isQuoted = true
    else if (character === '{' || character === '[') {
      if (depth++ === 0) start = index
    } else if (character === '}' || character === ']') {
      // The end of the array itself.
      if (depth === 0) break
      if (--depth === 0) elements.push(text.slice(start, index + 1))
    }
  }
  return elements
}

function recordsOf(texts: string[]): Records {
  const records = texts.slice(0, PREVIEW_ROWS).flatMap(objectOf)
  const headers = [...new Set(records.flatMap(Object.keys))]
  return { headers, rows: records.map((record) => headers.map((header) => textOf(record[header]))) }
}

function objectOf(text: string): Record<string, unknown>[] {
  try {
    // Its numbers keep the digits that they were sent with.
    const value = parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [value as Record<string, unknown>]
      : []
  } catch {
    return []
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : stringify(value)!
}
