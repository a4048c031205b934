import { ValidationError, type FieldError } from '../../common/errors/app-error.js'
import type { FilterValue } from '../../datasets/filters/operators.js'
import type { EndpointParameter } from './endpoint.js'
import type { BoundQuery, ParameterPlace, ParameterUse } from './parameters/bind-query.js'
import { parseDeclaredValue } from './parameters/parameter-value.js'

/** What a parameter that has neither a default nor allowed values is tried with. */
const SAMPLES: Record<EndpointParameter['type'], string | boolean> = {
  text: 'text',
  number: '1',
  boolean: true,
  date: '2024-01-01',
}

/** A value that a request may have, to try the query with. */
export function sampleOf(parameter: EndpointParameter, place: ParameterPlace): readonly FilterValue[] {
  const preset = defaultOf(parameter)
  if (preset) return preset
  if (parameter.values?.length) return declaredValues(parameter, [parameter.values[0]!])
  if (parameter.type === 'text' && place === 'range') return ['today']
  return [parameter.type === 'text' && place === 'range end' ? SAMPLES.date : SAMPLES[parameter.type]]
}

/** undefined where it has none */
export function defaultOf(parameter: EndpointParameter): FilterValue[] | undefined {
  return parameter.default === undefined ? undefined : declaredValues(parameter, [parameter.default].flat())
}

function declaredValues(parameter: EndpointParameter, values: FilterValue[]): FilterValue[] {
  return values.flatMap((value) => {
    const parsed = parseDeclaredValue(parameter, value)
    return 'value' in parsed ? [parsed.value] : []
  })
}

/** Does `work` with a bound query, and says of what it finds wrong with a value which parameter that came from. */
export function namingParameters<T>({ uses }: BoundQuery, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw new BoundQueryError(error.options.errors ?? [], uses)
  }
}

/** What is wrong with a bound query: what came from parameters, and what no request can help. */
export class BoundQueryError extends Error {
  /** with the name of the parameter as path */
  readonly ofParameters: FieldError[]
  readonly ofQuery: FieldError[]

  constructor(
    readonly errors: readonly FieldError[],
    uses: readonly ParameterUse[],
  ) {
    super(errors.map(({ path, message }) => `${path}: ${message}`).join('; '))
    const named = errors.map((error) => ({ error, parameter: parameterAt(error.path, uses) }))
    this.ofParameters = named.flatMap(({ error, parameter }) =>
      parameter === undefined ? [] : [{ path: parameter, message: error.message }],
    )
    this.ofQuery = named.filter(({ parameter }) => parameter === undefined).map(({ error }) => error)
  }
}

/** The parameter whose value stands at a path or within it. */
function parameterAt(path: string, uses: readonly ParameterUse[]): string | undefined {
  const isAt = (use: ParameterUse): boolean =>
    use.isGiven &&
    path !== '' &&
    (use.path === path || use.path.startsWith(`${path}[`) || path.startsWith(`${use.path}[`))
  return uses.find(isAt)?.parameter
}
