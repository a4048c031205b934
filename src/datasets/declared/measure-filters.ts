import type { ColumnDefinition, DatasetDefinition } from '../dataset-definition.js'
import { DateRangeParser } from '../filters/date-range-parser.js'
import { FilterParser } from '../filters/filter-parser.js'
import type { Filter } from '../filters/filter.js'
import type { ValidationErrorCollector } from '../filters/validation-errors.js'

/** Parses filters on columns, as a query has them, but for ranges from today: a measure means the same on every day. */
export function parseMeasureFilters(
  filters: unknown,
  path: string,
  { name, columns }: { name: string; columns: ColumnDefinition[] },
  errors: ValidationErrorCollector,
): Filter[] {
  const dataset: DatasetDefinition = { name, columns, title: '', description: '', table: '', key: [], measures: [] }
  const ranges = new DateRangeParser(errors, { timezone: 'UTC', nowMs: Date.now() })
  const parsed = new FilterParser(dataset, errors, ranges).parse(filters, path)
  if (ranges.validUntil !== undefined)
    errors.add(path, 'name days, not a range from today: a measure means the same on every day')
  return parsed
}
