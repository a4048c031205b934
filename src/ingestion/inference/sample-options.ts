import { ValidationError } from '../../common/errors/app-error.js'
import type { FileOptions } from '../../datasets/file-options.js'
import type { UploadOptions } from '../ingestions.dto.js'
import { numberFormatOf, separatorsProblem } from '../mapping/number-format.js'

const NAMES = [
  ...([
    'decimalSeparator',
    'thousandsSeparator',
    'nullValues',
    'dateFormat',
    'timezone',
    'numberStyle',
    'scale',
  ] as const),
  ...(['delimiter', 'quote', 'encoding', 'skipLines', 'recordElement'] as const),
]

/** How the sample is written, as far as the upload says. */
export function sampleOptions(options: UploadOptions): FileOptions {
  const given = options as Partial<Record<keyof FileOptions, unknown>>
  const stated = NAMES.flatMap((name) =>
    given[name] === undefined || given[name] === '' ? [] : [[name, read(name, given[name])]],
  )
  const found = Object.fromEntries(stated) as FileOptions
  const problem = separatorsProblem(numberFormatOf(found))
  if (problem) throw new ValidationError([{ path: 'thousandsSeparator', message: problem }])
  return found
}

/** Fields of a form are texts. */
function read(name: keyof FileOptions, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (name === 'skipLines') return Number(value)
  return name === 'nullValues' ? listOf(value) : value
}

function listOf(text: string): string[] {
  try {
    const list: unknown = JSON.parse(text)
    if (Array.isArray(list) && list.every((each) => typeof each === 'string')) return list
  } catch {
    // Said below.
  }
  throw new ValidationError([{ path: 'nullValues', message: 'must be a JSON list of texts, such as ["NA","-"]' }])
}
