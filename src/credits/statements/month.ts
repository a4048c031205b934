import { Injectable, type PipeTransform } from '@nestjs/common'
import { AppError } from '../../common/errors/app-error.js'

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/

/** A month in UTC: from its first moment until before the next one's. */
export interface Month {
  /** `2026-11` */
  name: string
  from: Date
  to: Date
}

/** The month of a path; 404 for what is none. */
@Injectable()
export class MonthParam implements PipeTransform<string, Month> {
  transform(value: string): Month {
    const [, year, month] = MONTH.exec(value) ?? []
    if (!year)
      throw new AppError('NOT_FOUND', 'There is no such statement: the path must end in a month such as 2026-11.')
    return monthAt(Number(year), Number(month) - 1)
  }
}

export function monthOf(time: Date): Month {
  return monthAt(time.getUTCFullYear(), time.getUTCMonth())
}

/** The months from one to another, the last one first. */
export function monthsBetween(first: Month, last: Month): Month[] {
  const months: Month[] = []
  for (let month = last; month.from >= first.from; month = monthOf(new Date(month.from.getTime() - 1))) {
    months.push(month)
  }
  return months
}

function monthAt(year: number, index: number): Month {
  const from = startOf(year, index)
  return { name: from.toISOString().slice(0, 7), from, to: startOf(year, index + 1) }
}

/** Date.UTC takes the year 26 for 1926. */
function startOf(year: number, index: number): Date {
  const start = new Date(0)
  start.setUTCFullYear(year, index, 1)
  return start
}
