import type { Measure } from './datasets-client.js'

/** What a measure computes, in words: `sum of sales where segment equals Consumer`. */
export function measureText(measure: Measure): string {
  const filters = (measure.filters ?? []).map(filterText)
  return filters.length === 0 ? figureText(measure) : `${figureText(measure)} where ${filters.join(' and ')}`
}

function figureText({ type, column = '', level, by, numerator, denominator }: Measure): string {
  switch (type) {
    case 'count':
      return column ? `rows with a value in ${column}` : 'rows'
    case 'sum':
      return `sum of ${column}`
    case 'avg':
      return `average of ${column}`
    case 'min':
      return `least ${column}`
    case 'max':
      return `greatest ${column}`
    case 'countDistinct':
      return `different values of ${column}`
    case 'approxCountDistinct':
      return `different values of ${column}, estimated`
    case 'quantile':
      return `quantile ${level} of ${column}`
    case 'latest':
      return `${column} of the row with the greatest ${by}`
    case 'ratio':
      return `${numerator} / ${denominator}`
  }
}

/** A filter of a query: a condition, or several of them. */
function filterText(filter: Record<string, unknown>): string {
  for (const word of ['and', 'or']) {
    const parts = filter[word]
    if (Array.isArray(parts)) return `(${(parts as Record<string, unknown>[]).map(filterText).join(` ${word} `)})`
  }
  const { member, operator, values } = filter as { member?: string; operator?: string; values?: unknown[] }
  return [member, operator, values?.join(' or ')].filter(Boolean).join(' ')
}
