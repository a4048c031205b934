import type { Decimal } from '../api/http'
import { compare, sum } from './decimals'
import { groupsOf, isAdditive, numberIn, textOf, type ResultData, type ResultRow } from './result-data'

export interface Ring {
  parts: { label: string; value: Decimal; share: number; row: ResultRow | undefined }[]
}

const MAX_PARTS = 8

/** The parts of a whole, the smallest of many as one; a sentence where they are none. */
export function ringOf(result: ResultData, measure: string): Ring | string {
  const [group] = groupsOf(result.query)
  if (group === undefined || !isAdditive(measure, result))
    return 'A ring shows parts of a whole, and values such as averages are none. Choose bars.'
  const values = result.rows.map((row) => ({ row, value: numberIn(row, measure) ?? 0 }))
  if (values.some(({ value }) => compare(value, 0) < 0)) return 'A ring cannot show values below zero. Choose bars.'
  const whole = Number(sum(values.map(({ value }) => value)))
  if (whole === 0) return 'A ring cannot show values that are all zero. Choose bars.'
  const sorted = values.sort((a, b) => compare(b.value, a.value))
  const kept = sorted.length > MAX_PARTS ? sorted.slice(0, MAX_PARTS - 1) : sorted
  const others = sorted.slice(kept.length)
  const part = (label: string, value: Decimal, row?: ResultRow) => ({ label, value, share: Number(value) / whole, row })
  return {
    parts: [
      ...kept.map(({ row, value }) => part(textOf(row[group]), value, row)),
      ...(others.length > 0 ? [part(`${others.length} others`, sum(others.map(({ value }) => value)))] : []),
    ],
  }
}
