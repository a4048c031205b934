import { takesSeveralValues, type FilterValue } from '../../../datasets/filters/operators.js'
import { isPlainObject } from '../../../datasets/filters/validation-errors.js'

/**
 * Where a parameter stands: among several values of a filter, as the one value of a filter, as a whole range of days or
 * one end of it, or as the number of rows.
 */
export type ParameterPlace = 'values' | 'value' | 'range' | 'range end' | 'rows'

/** A parameter in a query, once for each of its values. */
export interface ParameterUse {
  /** in the bound query */
  path: string
  parameter: string
  place: ParameterPlace
  /** whether it has a value; if not, what stood there is left out */
  isGiven: boolean
}

/** The values of a parameter; undefined where it has none. */
export type ValuesOf = (parameter: string, place: ParameterPlace) => readonly FilterValue[] | undefined

export interface BoundQuery {
  /** as for `POST /v1/query` */
  body: Record<string, unknown>
  uses: ParameterUse[]
  /** ends of ranges without a value whose other end has one */
  missing: { parameter: string; with: string }[]
}

const RANGE_OPERATORS: unknown[] = ['inDateRange', 'notInDateRange']

/**
 * A query with values in place of its parameters. Where a parameter has no value, what it stands in is left out: its
 * condition with the and/or around it once that is empty, the date range, the limit. A query of any shape is taken;
 * what is wrong with it the parser of queries says.
 */
export function bindQuery(query: Record<string, unknown>, valuesOf: ValuesOf): BoundQuery {
  const binder = new QueryBinder(valuesOf)
  const body = binder.bind(query)
  return { body, uses: binder.uses, missing: binder.missing }
}

/** `{"param": "name"}`: the name, else undefined. */
export function parameterIn(value: unknown): string | undefined {
  if (!isPlainObject(value) || Object.keys(value).length !== 1) return undefined
  return typeof value.param === 'string' ? value.param : undefined
}

class QueryBinder {
  readonly uses: ParameterUse[] = []
  readonly missing: BoundQuery['missing'] = []

  constructor(private readonly valuesOf: ValuesOf) {}

  bind(query: Record<string, unknown>): Record<string, unknown> {
    const { filters, timeDimension, limit, offset, ...rest } = query
    return defined({
      ...rest,
      filters: Array.isArray(filters) ? this.bindFilters(filters, 'filters') : filters,
      timeDimension: isPlainObject(timeDimension) ? this.bindTime(timeDimension) : timeDimension,
      limit: this.bindRows(limit, 'limit'),
      offset: this.bindRows(offset, 'offset'),
    })
  }

  private bindRows(value: unknown, path: string): unknown {
    const parameter = parameterIn(value)
    if (parameter === undefined) return value
    const values = this.use(parameter, path, 'rows')
    const [text] = values ?? []
    // What is no whole number is refused as it is.
    return values?.length === 1 && /^\d{1,15}$/.test(String(text)) ? Number(text) : values
  }

  private bindFilters(filters: unknown[], path: string): unknown[] {
    const bound: unknown[] = []
    for (const filter of filters) {
      const each = this.bindFilter(filter, `${path}[${bound.length}]`)
      if (each !== undefined) bound.push(each)
    }
    return bound
  }

  private bindFilter(filter: unknown, path: string): unknown {
    if (!isPlainObject(filter)) return filter
    for (const group of ['and', 'or']) {
      const parts = filter[group]
      if (!Array.isArray(parts) || parts.length === 0) continue
      const bound = this.bindFilters(parts, `${path}.${group}`)
      return bound.length === 0 ? undefined : { ...filter, [group]: bound }
    }
    return this.bindCondition(filter, path)
  }

  private bindCondition(condition: Record<string, unknown>, path: string): unknown {
    const { values, operator } = condition
    const isRange = RANGE_OPERATORS.includes(operator)
    const place = takesSeveralValues(operator) ? 'values' : 'value'
    const bound = isRange ? this.bindRange(values, `${path}.values`) : this.bindValues(values, `${path}.values`, place)
    if (bound === undefined) return values === undefined ? condition : undefined
    return { ...condition, values: isRange && typeof bound === 'string' ? [bound] : bound }
  }

  /** undefined when none of the parameters that there are has a value. */
  private bindValues(values: unknown, path: string, place: ParameterPlace): unknown {
    const list = parameterIn(values) === undefined ? values : [values]
    if (!Array.isArray(list)) return values
    const bound: unknown[] = []
    for (const value of list) {
      const parameter = parameterIn(value)
      if (parameter === undefined) bound.push(value)
      else bound.push(...(this.use(parameter, path, place, bound.length) ?? []))
    }
    return bound.length === 0 && list.length > 0 ? undefined : bound
  }

  private bindTime(time: Record<string, unknown>): unknown {
    const { dateRange, compareDateRange, ...rest } = time
    const path = 'timeDimension'
    const bound = defined({
      ...rest,
      dateRange: this.bindRange(dateRange, `${path}.dateRange`),
      compareDateRange: Array.isArray(compareDateRange)
        ? compareDateRange.flatMap((range, at) => this.bindRange(range, `${path}.compareDateRange[${at}]`) ?? [])
        : compareDateRange,
    })
    const isLeftOut = dateRange !== undefined && bound.dateRange === undefined
    return isLeftOut && rest.granularity === undefined && compareDateRange === undefined ? undefined : bound
  }

  /** A text, or a list of two; undefined when it has a parameter without a value. */
  private bindRange(range: unknown, path: string): unknown {
    const whole = Array.isArray(range) && range.length === 1 ? (range as unknown[])[0] : range
    const parameter = parameterIn(whole)
    if (parameter !== undefined) {
      const values = this.use(parameter, path, 'range')
      return values?.length === 1 ? values[0] : values
    }
    return Array.isArray(range) ? this.bindEnds(range as unknown[], path) : range
  }

  private bindEnds(ends: unknown[], path: string): unknown {
    const bound = ends.map((end, at) => {
      const parameter = parameterIn(end)
      const values: readonly unknown[] | undefined =
        parameter === undefined ? [end] : this.use(parameter, path, 'range end', at)
      return { parameter, values }
    })
    const given = bound.find(({ parameter, values }) => parameter !== undefined && values !== undefined)
    const absent = bound.filter(({ values }) => values === undefined)
    if (absent.length === 0) return bound.flatMap(({ values }) => values)
    if (given) for (const { parameter } of absent) this.missing.push({ parameter: parameter!, with: given.parameter! })
    return undefined
  }

  private use(
    parameter: string,
    path: string,
    place: ParameterPlace,
    from?: number,
  ): readonly FilterValue[] | undefined {
    const values = this.valuesOf(parameter, place)
    const isGiven = values !== undefined && values.length > 0
    const at = from === undefined ? [path] : (isGiven ? values : [null]).map((_, index) => `${path}[${from + index}]`)
    for (const each of at) this.uses.push({ path: each, parameter, place, isGiven })
    return values
  }
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
