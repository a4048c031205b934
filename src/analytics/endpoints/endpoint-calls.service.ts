import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { AppError, ValidationError, type FieldError } from '../../common/errors/app-error.js'
import { choiceOf, nameHint, quoted } from '../../common/errors/unknown-name.js'
import type { FilterValue } from '../../datasets/filters/operators.js'
import { FORMAT_NAMES, formatNamed, type ResponseFormat } from '../execution/response-formats.js'
import { FORMAT_PARAMETER } from './check-endpoint.js'
import type { EndpointEntity } from './endpoint.entity.js'
import { EndpointRegistry } from './endpoint-registry.js'
import { BoundQueryError, defaultOf, namingParameters } from './endpoint-query.js'
import { isRequired, type EndpointParameter } from './endpoint.js'
import { bindQuery, type BoundQuery } from './parameters/bind-query.js'
import { parseParameterValue } from './parameters/parameter-value.js'

/** Queries that are remembered with their values, so that equal requests share what is remembered of a query. */
const MAX_BOUND = 2_000
const MAX_BOUND_KEY = 2_048
/** As many as a filter takes. */
const MAX_VALUES = 1_000

/** A request to an endpoint: its query with the values of the request. */
export interface EndpointCall {
  endpoint: EndpointEntity
  /** as for `POST /v1/query` */
  body: Record<string, unknown>
  /** of `?format=`, which goes before `Accept` */
  format?: ResponseFormat
  /** Compiles the body. What is wrong with a value is told with the name of its parameter (400); else the endpoint is broken (503). */
  compile<T>(work: (body: unknown) => T): T
}

type Values = Map<string, FilterValue[]>

/** Reads requests to endpoints. */
@Injectable()
export class EndpointCalls {
  private readonly bound = new LRUCache<string, BoundQuery>({ max: MAX_BOUND })

  constructor(private readonly registry: EndpointRegistry) {}

  /** Throws NOT_FOUND for an endpoint that the principal may not use, and ValidationError with all that is wrong. */
  callOf(request: FastifyRequest): EndpointCall {
    const { name } = request.params as { name: string }
    const endpoint = this.registry.get(name, (each) => request.principal!.access.mayUseEndpoint(each))
    const errors: FieldError[] = []
    const { [FORMAT_PARAMETER]: formatName, ...given } = request.query as Record<string, string | string[]>
    const format = formatName === undefined ? undefined : formatNamed(formatName)
    if (formatName !== undefined && !format)
      errors.push({ path: FORMAT_PARAMETER, message: `must be ${choiceOf(FORMAT_NAMES)}` })
    const values = valuesOf(endpoint.parameters, given, errors)
    if (errors.length > 0) throw new ValidationError(errors)
    const bound = this.boundOf(endpoint, values)
    return { endpoint, format, body: bound.body, compile: (work) => compiled(endpoint, bound, work) }
  }

  private boundOf(endpoint: EndpointEntity, values: Values): BoundQuery {
    const key = `${endpoint.id} ${endpoint.revision} ${JSON.stringify([...values])}`
    const known = this.bound.get(key)
    if (known) return known
    const bound = bindQuery(endpoint.query, (name) => values.get(name))
    if (bound.missing.length > 0)
      throw new ValidationError(
        bound.missing.map(({ parameter, with: other }) => ({ path: parameter, message: `is required with ${other}` })),
      )
    if (key.length <= MAX_BOUND_KEY) this.bound.set(key, bound)
    return bound
  }
}

/** In the order of the declaration, so that equal requests are equal. */
function valuesOf(
  parameters: EndpointParameter[],
  given: Record<string, string | string[]>,
  errors: FieldError[],
): Values {
  const names = parameters.map(({ name }) => name)
  for (const name of Object.keys(given))
    if (!names.includes(name)) errors.push({ path: name, message: unknownParameter(name, names) })
  const values: Values = new Map()
  for (const parameter of parameters) {
    const texts = Object.hasOwn(given, parameter.name) ? [given[parameter.name]!].flat() : undefined
    const own = texts ? parsed(parameter, texts, errors) : defaultOf(parameter)
    if (own && (texts || !isRequired(parameter))) values.set(parameter.name, own)
    else if (isRequired(parameter))
      errors.push({ path: parameter.name, message: `is required: ${expected(parameter)}` })
  }
  return values
}

function parsed(parameter: EndpointParameter, texts: string[], errors: FieldError[]): FilterValue[] {
  const { name } = parameter
  if (texts.length > MAX_VALUES) {
    errors.push({ path: name, message: `has ${texts.length} values; at most ${MAX_VALUES} are possible` })
    return []
  }
  return texts.flatMap((text) => {
    const value = parseParameterValue(parameter, text)
    if ('value' in value) return [value.value]
    errors.push({ path: name, message: value.error })
    return []
  })
}

function unknownParameter(name: string, known: readonly string[]): string {
  return known.length === 0
    ? 'is unknown: this endpoint has no parameters'
    : `${quoted(name)} is not a parameter of this endpoint. ${nameHint(name, known)}`
}

function expected({ type, values }: EndpointParameter): string {
  return values?.length ? nameHint(undefined, values.map(String)) : `a ${type}`
}

function compiled<T>(endpoint: EndpointEntity, bound: BoundQuery, work: (body: unknown) => T): T {
  try {
    return namingParameters(bound, () => work(bound.body))
  } catch (error) {
    if (!(error instanceof BoundQueryError)) throw error
    if (error.ofQuery.length === 0) throw new ValidationError(error.ofParameters)
    throw new AppError(
      'UNAVAILABLE',
      `The endpoint ${endpoint.name} cannot be executed: its query does not fit the datasets any more. Ask the operator.`,
      { cause: error },
    )
  }
}
