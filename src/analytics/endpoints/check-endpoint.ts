import { quoted, unknownName } from '../../common/errors/unknown-name.js'
import type { FieldError } from '../../common/errors/app-error.js'
import type { FilterValue } from '../../datasets/filters/operators.js'
import { isPlainObject, ValidationErrorCollector } from '../../datasets/filters/validation-errors.js'
import type { CompiledQuery } from '../compiler/compiler.js'
import { BoundQueryError, namingParameters, sampleOf } from './endpoint-query.js'
import { isRequired, type Endpoint, type EndpointParameter } from './endpoint.js'
import { bindQuery, parameterIn, type BoundQuery, type ValuesOf } from './parameters/bind-query.js'
import { parseDeclaredValue } from './parameters/parameter-value.js'

/** Compiles a query as it would be for a caller who may see everything. Throws ValidationError. */
export type Compile = (body: unknown) => CompiledQuery

/** Names in the query string that are ours. */
export const FORMAT_PARAMETER = 'format'

/**
 * Finds everything that is wrong with an endpoint whose fields are of the right types: parameters, their defaults and values,
 * and the query with each of them. Gives the compiled query with values to try it with, where there is nothing wrong.
 */
export function checkEndpoint(
  endpoint: Pick<Endpoint, 'query' | 'parameters'>,
  errors: ValidationErrorCollector,
  compile: Compile,
): CompiledQuery | undefined {
  const bound = bindQuery(endpoint.query, samplesOf(endpoint.parameters))
  checkParameters(endpoint.parameters, bound, errors)
  checkPlaces(endpoint, bound, errors)
  if (errors.hasErrors) return undefined
  const compiled = tryQuery(endpoint, bound, errors, compile)
  if (compiled) checkOtherValues(endpoint, errors, compile)
  return compiled
}

/** Of an unknown parameter a value that is told as misplaced with its name. */
function samplesOf(parameters: EndpointParameter[]): ValuesOf {
  return (name, place) => {
    const parameter = parameters.find((each) => each.name === name)
    return parameter && sampleOf(parameter, place)
  }
}

function checkParameters(
  parameters: EndpointParameter[],
  { uses }: BoundQuery,
  errors: ValidationErrorCollector,
): void {
  parameters.forEach((parameter, index) => {
    const at = `parameters[${index}]`
    const { name } = parameter
    if (name === FORMAT_PARAMETER)
      errors.add(`${at}.name`, '"format" chooses the format of the response; choose another name')
    if (parameters.slice(0, index).some((each) => each.name === name))
      errors.add(`${at}.name`, `${quoted(name)} is there twice`)
    const own = uses.filter((use) => use.parameter === name)
    if (own.length === 0)
      errors.add(`${at}.name`, `${quoted(name)} stands nowhere in the query; use it as {"param":${quoted(name)}}`)
    const takesSeveral = own.every(({ place }) => place === 'values')
    checkValues(parameter, at, takesSeveral, errors)
  })
}

function checkValues(
  parameter: EndpointParameter,
  at: string,
  takesSeveral: boolean,
  errors: ValidationErrorCollector,
): void {
  parameter.values?.forEach((value, index) => {
    const parsed = parseDeclaredValue(parameter, value)
    if ('error' in parsed) errors.add(`${at}.values[${index}]`, parsed.error)
  })
  const { default: preset } = parameter
  if (preset === undefined) return
  if (Array.isArray(preset) && (!takesSeveral || preset.length === 0))
    errors.add(`${at}.default`, 'must be one value: only a parameter among the values of a filter can have several')
  for (const value of [preset].flat()) {
    const parsed = parseDeclaredValue(parameter, value)
    if ('error' in parsed) errors.add(`${at}.default`, parsed.error)
  }
}

/** Parameters that are not declared, and those that stand where no value stands. */
function checkPlaces(
  { query, parameters }: Pick<Endpoint, 'query' | 'parameters'>,
  bound: BoundQuery,
  errors: ValidationErrorCollector,
): void {
  const names = parameters.map(({ name }) => name)
  for (const name of new Set(bound.uses.map(({ parameter }) => parameter)))
    if (!names.includes(name))
      errors.add(
        `query.${placeOf(query, name)}`,
        `${unknownName('parameter', name, names)} Declare it in "parameters".`,
      )
  for (const { path } of parametersLeft(bound.body, 'query'))
    errors.add(path, 'a parameter may stand among the values of a filter, in a dateRange, and as limit or offset')
}

function placeOf(query: unknown, name: string): string {
  return parametersLeft(query, '').find((each) => each.name === name)!.path
}

function parametersLeft(value: unknown, path: string): { path: string; name: string }[] {
  const name = parameterIn(value)
  if (name !== undefined) return [{ path, name }]
  if (Array.isArray(value)) return value.flatMap((each, at) => parametersLeft(each, `${path}[${at}]`))
  if (!isPlainObject(value)) return []
  return Object.entries(value).flatMap(([field, each]) => parametersLeft(each, path ? `${path}.${field}` : field))
}

/** With the samples, then without the parameters that may be left out. */
function tryQuery(
  { query, parameters }: Pick<Endpoint, 'query' | 'parameters'>,
  bound: BoundQuery,
  errors: ValidationErrorCollector,
  compile: Compile,
): CompiledQuery | undefined {
  const compiled = attempt(bound, compile, errors, ({ path, message }) => ({ path: `query.${path}`, message }))
  const optional = parameters.filter((each) => !isRequired(each) && each.default === undefined)
  if (!compiled || optional.length === 0) return compiled
  const names = optional.map(({ name }) => name)
  const samples = samplesOf(parameters)
  const without = bindQuery(query, (name, place) => (names.includes(name) ? undefined : samples(name, place)))
  const [missing] = without.missing
  if (missing)
    errors.add(
      `query`,
      `${quoted(missing.parameter)} may be left out while ${quoted(missing.with)} has a value: a range needs both`,
    )
  attempt(without, compile, errors, ({ path, message }) => ({
    path: `query.${path}`,
    message: `${message} (without ${names.join(', ')}, which may be left out)`,
  }))
  return errors.hasErrors ? undefined : compiled
}

function attempt(
  bound: BoundQuery,
  compile: Compile,
  errors: ValidationErrorCollector,
  told: (error: FieldError) => FieldError,
): CompiledQuery | undefined {
  try {
    return namingParameters(bound, () => compile(bound.body))
  } catch (error) {
    if (!(error instanceof BoundQueryError)) throw error
    for (const each of error.errors) {
      const { path, message } = told(each)
      errors.add(path.replace(/\.$/, ''), message)
    }
    return undefined
  }
}

/** A value that fits its type may still be none where it stands: a text that is no range of days. */
function checkOtherValues(
  { query, parameters }: Pick<Endpoint, 'query' | 'parameters'>,
  errors: ValidationErrorCollector,
  compile: Compile,
): void {
  const samples = samplesOf(parameters)
  parameters.forEach((parameter, index) => {
    parameter.values?.slice(1).forEach((_, at) => {
      const tried = valueAt(parameter, at + 1)
      const bound = bindQuery(query, (name, place) => (name === parameter.name ? tried : samples(name, place)))
      const path = `parameters[${index}].values[${at + 1}]`
      attempt(bound, compile, errors, ({ message }) => ({ path, message }))
    })
  })
}

function valueAt(parameter: EndpointParameter, index: number): FilterValue[] {
  const parsed = parseDeclaredValue(parameter, parameter.values![index])
  return 'value' in parsed ? [parsed.value] : []
}
