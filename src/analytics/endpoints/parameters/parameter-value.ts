import { nameHint, quoted } from '../../../common/errors/unknown-name.js'
import type { FilterValue } from '../../../datasets/filters/operators.js'
import { orderedValueCodecOf } from '../../../datasets/filters/ordered-value-codec.js'
import type { EndpointParameter, ParameterType } from '../endpoint.js'

/** A value of a parameter, or what is wrong with it. */
export type ParsedValue = { value: FilterValue } | { error: string }

type Parse = (text: string) => ParsedValue

const NUMBER = /^-?\d{1,400}(\.\d{1,400})?$/
const DAY = /^\d{4}-\d\d-\d\d$/

const PARSE: Record<ParameterType, Parse> = {
  text: (text) => (text.isWellFormed() ? { value: text } : { error: 'must be valid Unicode' }),
  number: (text) => {
    if (!NUMBER.test(text)) return { error: 'must be a decimal number, for example 1000 or -12.5' }
    return { value: canonical(text) }
  },
  boolean: (text) => {
    if (text !== 'true' && text !== 'false') return { error: 'must be true or false' }
    return { value: text === 'true' }
  },
  date: (text) => {
    const error = DAY.test(text) ? orderedValueCodecOf('Date32')!.encode(text) : undefined
    return typeof error === 'object' ? { value: text } : { error: 'must be a date of the calendar, written YYYY-MM-DD' }
  },
}

/** A text from a URL as a value. A number stays text, with all of its digits. */
export function parseParameterValue(parameter: EndpointParameter, text: string): ParsedValue {
  const parsed = PARSE[parameter.type](text)
  const { values } = parameter
  if ('error' in parsed || !values || values.some((each) => isSame(parameter, each, parsed.value))) return parsed
  // Of numbers and days none is meant by another.
  const meant = parameter.type === 'text' ? text : undefined
  return { error: `${quoted(text)} is not allowed. ${nameHint(meant, values.map(String))}` }
}

/** A value of a declaration, in which numbers and booleans may stand as JSON has them. */
export function parseDeclaredValue(parameter: EndpointParameter, value: unknown): ParsedValue {
  const isText = typeof value === 'string'
  const fits = isText || typeof value === (parameter.type === 'boolean' ? 'boolean' : 'number')
  const isJsonText = parameter.type === 'text' || parameter.type === 'date'
  if (!fits || (isJsonText && !isText)) return { error: `must be a ${parameter.type}, as the type says` }
  return parseParameterValue(parameter, String(value))
}

function isSame({ type }: EndpointParameter, declared: FilterValue, value: FilterValue): boolean {
  const parsed = PARSE[type](String(declared))
  return 'value' in parsed && parsed.value === value
}

/** One text for equal numbers: equal requests share a result. */
function canonical(text: string): string {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const digits = whole.replace(/^0+(?=\d)/, '')
  const decimals = fraction.replace(/0+$/, '')
  const magnitude = decimals ? `${digits}.${decimals}` : digits
  return text.startsWith('-') && magnitude !== '0' ? `-${magnitude}` : magnitude
}
