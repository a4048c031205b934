import { LosslessNumber } from 'lossless-json'
import type { ValueTransformer } from 'typeorm'

/** `numeric` and `bigint`, of which a JavaScript number holds 15 digits: all digits, without the zeros that say nothing. */
export const exactNumber: ValueTransformer = {
  from: (text: string | null) => (text === null ? null : exactNumberOf(text)),
  to: (value: LosslessNumber | null | undefined) => value?.toString() ?? value,
}

/** Of a decimal text without an exponent. */
export function exactNumberOf(text: string): LosslessNumber {
  const withoutZeros = text.replace(/^(-?)0+(?=\d)/, '$1').replace(/(\.\d*?)0+$/, '$1')
  return new LosslessNumber(withoutZeros.replace(/\.$/, ''))
}

/** `bigint` of whole numbers that a JavaScript number holds. */
export const wholeNumber: ValueTransformer = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (value: number | null | undefined) => value,
}

/** `bytea` as hex. */
export const hex: ValueTransformer = {
  from: (bytes: Buffer | null) => bytes?.toString('hex') ?? null,
  to: (text: string | null | undefined) => (typeof text === 'string' ? Buffer.from(text, 'hex') : text),
}
