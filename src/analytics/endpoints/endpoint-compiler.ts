import { Injectable } from '@nestjs/common'
import { refuseDeepNesting } from '../../common/pipes/validation.pipe.js'
import { DatasetRegistry } from '../../datasets/dataset-registry.js'
import type { DatasetLookup } from '../../datasets/dataset-lookup.js'
import { ValidationErrorCollector } from '../../datasets/filters/validation-errors.js'
import { ClickHouseTimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import { compile, type CompiledQuery } from '../compiler/compiler.js'
import { parseQuery } from '../parsing/query-parser.js'
import { checkEndpoint } from './check-endpoint.js'
import type { Endpoint } from './endpoint.js'

/** What an endpoint comes to with the datasets as they are: its query with sample values, or why it cannot be executed. */
export type EndpointState = { compiled: CompiledQuery; broken: null } | { compiled: null; broken: string }

interface KnownState {
  datasets: DatasetLookup
  state: EndpointState
}

/** Compiles endpoints apart from requests: when they are declared, and to say what they give. */
@Injectable()
export class EndpointCompiler {
  private readonly states = new WeakMap<Endpoint, KnownState>()

  constructor(
    private readonly datasets: DatasetRegistry,
    private readonly timeZones: ClickHouseTimeZones,
  ) {}

  /** Throws ValidationError with all that is wrong. */
  check(endpoint: Pick<Endpoint, 'query' | 'parameters'>): void {
    const errors = new ValidationErrorCollector()
    refuseDeepNesting(endpoint.query)
    checkEndpoint(endpoint, errors, (body) => this.compile(body))
    errors.throwIfAny()
  }

  /** Looked up again when a dataset was declared, changed or dropped. */
  stateOf(endpoint: Endpoint): EndpointState {
    const datasets = this.datasets.current
    const known = this.states.get(endpoint)
    if (known?.datasets === datasets) return known.state
    const state = this.tried(endpoint)
    this.states.set(endpoint, { datasets, state })
    return state
  }

  private tried(endpoint: Endpoint): EndpointState {
    const errors = new ValidationErrorCollector()
    const compiled = checkEndpoint(endpoint, errors, (body) => this.compile(body))
    return compiled
      ? { compiled, broken: null }
      : { compiled: null, broken: errors.all.map(({ path, message }) => `${path}: ${message}`).join('; ') }
  }

  private compile(body: unknown): CompiledQuery {
    return compile(parseQuery(body, { datasets: this.datasets.current, timeZones: this.timeZones }))
  }
}
