import { RESERVED_NAMES } from '../../datasets/built-in-datasets.js'
import { ROWS } from '../../datasets/declared/measures.js'
import { NOT_ONE_LINE } from '../../common/decorators/clean-text.decorator.js'

/** Letters that are no base letter with a mark. */
const LETTERS: Record<string, string> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i' },
  ...{ '%': ' percent ', '#': ' number ', '€': ' eur ', $: ' usd ', '£': ' gbp ', '&': ' and ' },
}
const MARKS = /\p{M}/gu
const MAX_NAME = 63
const MAX_TITLE = 100
/** as a declaration has it */
const MAX_SOURCE = 1024
/** Members that a dataset has by itself, and names of built-in datasets. */
const RESERVED_COLUMNS = new Set([ROWS.name])
const RESERVED_DATASETS = new Set([...RESERVED_NAMES, 'infer'])

/** `Größe (cm)` is grosse_cm; `CustomerID` customer_id; '' where nothing is left. */
export function snakeCase(text: string): string {
  const plain = text
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS, '')
    .replace(/[^\x20-\x7e]|[%#$&]/g, (letter) => LETTERS[letter] ?? ' ')
  return cut(plain.replace(/['’]/g, '').replace(/[^a-z0-9]+/g, '_'))
}

/** A valid name for each header: unique, not empty, not one that every dataset has. */
export function columnNames(headers: string[]): string[] {
  const taken = new Set(RESERVED_COLUMNS)
  return headers.map((header, at) => {
    const plain = snakeCase(header) || `column_${at + 1}`
    return unique(/^[0-9]/.test(plain) ? cut(`c_${plain}`) : plain, taken)
  })
}

/** The name itself, or with the first number behind it that makes it a new one; it is taken from then on. */
export function unique(name: string, taken: Set<string>): string {
  let found = name
  for (let number = 2; taken.has(found); number++) {
    const ending = `_${number}`
    found = name.slice(0, MAX_NAME - ending.length) + ending
  }
  taken.add(found)
  return found
}

/** `orders-2024.csv.gz` is orders_2024. */
export function datasetName(fileName: string | null): string {
  const base = (fileName ?? '').replace(/^.*[/\\]/, '').replace(/(\.[A-Za-z0-9]{1,8}){1,2}$/, '')
  const plain = snakeCase(base) || 'dataset'
  const name = /^[0-9]/.test(plain) ? cut(`dataset_${plain}`) : plain
  return RESERVED_DATASETS.has(name) ? `${name}_2` : name
}

/** A header as it is, or made readable: `unit_price` is "Unit price". */
export function titleOf(header: string, name: string): string {
  const isOneWord = !/\s/.test(header.trim()) && /\p{Ll}/u.test(header)
  const words = isOneWord ? header.replace(/[_-]+/g, ' ').replace(/(\p{Ll})(\p{Lu})(?=\p{Ll})/gu, '$1 $2') : header
  const text = words.replace(/\s+/g, ' ').trim()
  const shown = text || name.replaceAll('_', ' ')
  // Half a surrogate pair is no text.
  return (shown.charAt(0).toUpperCase() + shown.slice(1)).slice(0, MAX_TITLE).replace(/\p{Surrogate}$/u, '')
}

/** A header as a declaration may name it: one line, which matches the same header, since blanks do not count. */
export function sourceOf(header: string): string {
  return header.replace(/\s/g, ' ')
}

/** Whether a declaration takes the header. */
export function isDeclarable(header: string): boolean {
  return header.length <= MAX_SOURCE && !NOT_ONE_LINE.test(sourceOf(header)) && !/\p{Surrogate}/u.test(header)
}

function cut(name: string): string {
  return name
    .slice(0, MAX_NAME + 1)
    .replace(/^_+/, '')
    .slice(0, MAX_NAME)
    .replace(/_+$/, '')
}
