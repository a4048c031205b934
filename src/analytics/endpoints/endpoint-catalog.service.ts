import { Injectable } from '@nestjs/common'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import type { Principal } from '../../common/principal.js'
import { AccessibleDatasets } from '../../datasets/access/accessible-datasets.js'
import type { CompiledQuery } from '../compiler/compiler.js'
import { FORMAT_NAMES, formatNamed } from '../execution/response-formats.js'
import { QueryCosts } from '../query-costs.js'
import { EndpointCompiler } from './endpoint-compiler.js'
import { endpointsDocument } from './endpoint-document.js'
import { isRequired, type EndpointParameter } from './endpoint.js'
import type { AvailableEndpoint, AvailableParameter, OpenApiDocument } from './endpoint.dto.js'
import type { EndpointEntity } from './endpoint.entity.js'
import { EndpointRegistry } from './endpoint-registry.js'
import { bindQuery } from './parameters/bind-query.js'

/** What a principal may call. An endpoint that cannot be executed, or not for the principal, is left out until it can. */
@Injectable()
export class EndpointCatalog {
  constructor(
    private readonly registry: EndpointRegistry,
    private readonly compiler: EndpointCompiler,
    private readonly costs: QueryCosts,
    private readonly datasets: AccessibleDatasets,
  ) {}

  /** In the order of their names. */
  of({ access }: Principal): AvailableEndpoint[] {
    const datasets = this.datasets.behindEndpoints(access)
    return this.registry.all
      .filter(({ name }) => access.mayUseEndpoint(name))
      .flatMap((endpoint) => {
        const { compiled } = this.compiler.stateOf(endpoint)
        // A filter of the caller's policies that fits its dataset no more takes that from the caller.
        return compiled && datasets.find(compiled.dataset.name) ? [this.describe(endpoint, compiled)] : []
      })
  }

  list(principal: Principal, page: PageQuery): Page<AvailableEndpoint> {
    const all = this.of(principal)
    return pageOf(all.slice(page.offset, page.offset + page.limit), page, all.length)
  }

  document(principal: Principal): OpenApiDocument {
    return endpointsDocument(this.of(principal))
  }

  private describe(endpoint: EndpointEntity, compiled: CompiledQuery): AvailableEndpoint {
    const { name, title, description, query, parameters, costCredits, cacheSeconds } = endpoint
    const places = placesOf(query)
    return {
      ...{ name, title, description, path: `/v1/endpoints/${name}` },
      parameters: parameters.map((parameter) => described(parameter, places)),
      columns: compiled.columns,
      costCredits: costCredits ?? this.costs.base(compiled),
      exportCostCredits: costCredits ?? this.costs.base(compiled, EXPORT),
      perMillionRows: costCredits === null ? this.costs.perMillionRows(compiled) : 0,
      cacheSeconds,
    }
  }
}

/** All exports cost the same. */
const EXPORT = formatNamed(FORMAT_NAMES[1])

function placesOf(query: Record<string, unknown>): Map<string, boolean> {
  const repeatable = new Map<string, boolean>()
  for (const { parameter, place } of bindQuery(query, () => undefined).uses)
    repeatable.set(parameter, place === 'values' && (repeatable.get(parameter) ?? true))
  return repeatable
}

function described(parameter: EndpointParameter, repeatable: Map<string, boolean>): AvailableParameter {
  return { ...parameter, required: isRequired(parameter), repeatable: repeatable.get(parameter.name) ?? false }
}
