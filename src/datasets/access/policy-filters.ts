import type { PolicyFilter } from '../../auth/access/access-policy.js'
import type { DatasetDefinition } from '../dataset-definition.js'
import { DateRangeParser } from '../filters/date-range-parser.js'
import { FilterParser } from '../filters/filter-parser.js'
import { allOf } from '../filters/filter-sql.js'
import { isGroup, type Filter } from '../filters/filter.js'
import { SqlParams, type SqlParamValues } from '../filters/sql-params.js'
import { ValidationErrorCollector } from '../filters/validation-errors.js'

/** Rows as a condition over `t`; `sql` undefined where nothing is asked of them. */
export interface RowCondition {
  sql?: string
  params: SqlParamValues
  /** epoch ms from which a range from today means other days */
  validUntil?: number
}

/** No member of a query has parameters of such names. */
const PREFIX = 'access_'

/** Parses the filters of an access policy, as a query's are. Their days are those of UTC, whatever time zone a query names. */
export function parsePolicyFilters(
  filters: unknown,
  path: string,
  dataset: DatasetDefinition,
  errors: ValidationErrorCollector,
): { filters: Filter[]; validUntil?: number } {
  const ranges = new DateRangeParser(errors, { timezone: 'UTC', nowMs: Date.now() })
  const problem = 'is a measure, and the filters of a policy choose rows: filter by a dimension'
  const parsed = new FilterParser(dataset, errors, ranges, problem).parse(filters, path)
  return { filters: parsed, validUntil: ranges.validUntil }
}

/** Throws ValidationError for a filter that does not fit the dataset as it is now declared. */
export function rowConditionOf(filters: readonly PolicyFilter[], dataset: DatasetDefinition): RowCondition {
  const errors = new ValidationErrorCollector()
  const { filters: parsed, validUntil } = parsePolicyFilters(filters, 'filters', dataset, errors)
  errors.throwIfAny()
  const params = new SqlParams(PREFIX)
  for (const { params: own = {} } of parsed.flatMap(membersOf)) {
    const { timezone: _, ...others } = own
    params.include(others)
  }
  // The parameter is the query's time zone.
  const sql = allOf(parsed, params)?.replaceAll('{timezone:String}', "'UTC'")
  return { sql, params: params.values, validUntil }
}

function membersOf(filter: Filter): { params?: SqlParamValues }[] {
  return isGroup(filter) ? filter.filters.flatMap(membersOf) : [filter.member]
}
