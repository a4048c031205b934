import type { Format } from '../ingestions'

export type Encoding = 'utf-8' | 'windows-1252' | 'utf-16le' | 'utf-16be'
export type Compression = 'gzip' | 'zstd'

/** What a file seems to be, by its name and its first bytes; the server looks for itself. */
export interface FileForm {
  format: Format | 'archive'
  compression: Compression | undefined
}

const ENDINGS: Record<string, Format> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  xml: 'xml',
  parquet: 'parquet',
}

export function formOf(name: string, head: Uint8Array): FileForm {
  const compression = compressionOf(name, head)
  const inner = name.replace(/\.(gz|zst)$/i, '')
  const named = ENDINGS[/\.([a-z0-9]+)$/i.exec(inner)?.[1]?.toLowerCase() ?? '']
  if (compression) return { format: named ?? 'csv', compression }
  if (startsWith(head, 'PK\u0003\u0004')) return { format: 'archive', compression }
  if (startsWith(head, 'PAR1')) return { format: 'parquet', compression }
  return {
    format: named && named !== 'json' ? named : formatOfText(decode(head, undefined, false), named),
    compression,
  }
}

/** Text of a file's beginning; a byte order mark says more than what was chosen. `whole`: the file ends here. */
export function decode(head: Uint8Array, chosen: Encoding | undefined, whole: boolean): string {
  // A character that is cut off by the end of the sample is left out.
  return new TextDecoder(markedEncoding(head) ?? chosen ?? 'utf-8').decode(head, { stream: !whole })
}

function markedEncoding(head: Uint8Array): Encoding | undefined {
  if (startsWith(head, '\u00ff\u00fe')) return 'utf-16le'
  if (startsWith(head, '\u00fe\u00ff')) return 'utf-16be'
  return startsWith(head, '\u00ef\u00bb\u00bf') ? 'utf-8' : undefined
}

function compressionOf(name: string, head: Uint8Array): Compression | undefined {
  if (/\.gz$/i.test(name) || startsWith(head, '\u001f\u008b')) return 'gzip'
  return /\.zst$/i.test(name) || startsWith(head, '\u0028\u00b5\u002f\u00fd') ? 'zstd' : undefined
}

/** By the rules of the server (src/ingestion/detect-format.ts). Many write NDJSON into files that end in .json. */
function formatOfText(text: string, named: Format | undefined): Format {
  const start = text.trimStart()
  if (/^<[?!a-z_:\u0080-\uffff]/i.test(start)) return 'xml'
  if (start.startsWith('{')) return isNdjson(start) ? 'ndjson' : 'json'
  return /^\[\s*(\{|\]|$)/.test(start) ? 'json' : (named ?? 'csv')
}

function isNdjson(text: string): boolean {
  const [first = '', second] = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  if (second?.startsWith('{') && first.endsWith('}')) return true
  const value = parsed(first)
  if (value !== undefined) return second !== undefined || !Array.isArray((value as { data?: unknown }).data)
  // An object over several lines, or one line that reaches beyond the sample.
  return second === undefined && first !== '{' && !/^\{\s*"data"\s*:/.test(first)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function startsWith(head: Uint8Array, characters: string): boolean {
  return [...characters].every((character, index) => head[index] === character.charCodeAt(0))
}
