import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AuditTrail } from '../../audit/audit-trail.service.js'
import { AppError, ValidationError } from '../../common/errors/app-error.js'
import { UnknownNameError } from '../../common/errors/unknown-name.error.js'
import { plain } from '../../common/json/plain.js'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import { Database } from '../../infrastructure/database/database.js'
import { uniqueViolation } from '../../infrastructure/database/database-errors.js'
import { EndpointCompiler } from './endpoint-compiler.js'
import { NAME_PATTERN, type EndpointBody, type EndpointResponse } from './endpoint.dto.js'
import type { EndpointEntity } from './endpoint.entity.js'
import { EndpointRegistry } from './endpoint-registry.js'
import type { Endpoint } from './endpoint.js'
import { EndpointsRepository } from './endpoints.repository.js'

/** Declares, changes and removes endpoints. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly endpoints: EndpointsRepository,
    private readonly registry: EndpointRegistry,
    private readonly compiler: EndpointCompiler,
    private readonly database: Database,
    private readonly audit: AuditTrail,
  ) {}

  async list(page: PageQuery): Promise<Page<EndpointResponse>> {
    const all = await this.endpoints.findAll()
    const shown = all.slice(page.offset, page.offset + page.limit)
    return pageOf(
      shown.map((endpoint) => this.describe(endpoint)),
      page,
      all.length,
    )
  }

  async get(name: string): Promise<EndpointResponse> {
    return this.describe(await this.found(name, () => this.endpoints.findByName(name)))
  }

  /** Declares the endpoint of that name, or declares it anew. Throws ValidationError with all that is wrong. */
  async put(name: string, body: EndpointBody): Promise<EndpointResponse> {
    const endpoint = endpointOf(name, body)
    this.compiler.check(endpoint)
    const kept = await this.database.transaction(async () => {
      const before = await this.endpoints.lock(name)
      const details = { before: before && declared(before), after: endpoint }
      const after = before ? await this.endpoints.change(before, endpoint) : await this.insert(endpoint)
      await this.audit.record({ action: 'endpoint.put', target: name, details })
      return after
    })
    await this.registry.reload()
    return this.describe(kept)
  }

  async remove(name: string): Promise<void> {
    await this.database.transaction(async () => {
      const before = await this.found(name, () => this.endpoints.lock(name))
      await this.endpoints.remove(before.id)
      await this.audit.record({ action: 'endpoint.delete', target: name, details: { before: declared(before) } })
    })
    await this.registry.reload()
  }

  private async insert(endpoint: Endpoint): Promise<EndpointEntity> {
    return this.endpoints.insert({ id: uuidv7(), ...endpoint }).catch((error: unknown) => {
      if (uniqueViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', `The endpoint ${endpoint.name} was declared at this moment; send it again.`)
    })
  }

  private async found(name: string, read: () => Promise<EndpointEntity | null>): Promise<EndpointEntity> {
    // PostgreSQL refuses to look for some texts that are no names.
    const endpoint = NAME_PATTERN.test(name) ? await read() : null
    if (endpoint) return endpoint
    const names = (await this.endpoints.findAll()).map((each) => each.name)
    throw new UnknownNameError('endpoint', 'name', name, names)
  }

  private describe(endpoint: EndpointEntity): EndpointResponse {
    const { id, revision, createdAt, updatedAt } = endpoint
    return {
      id,
      ...declared(endpoint),
      revision,
      broken: this.compiler.stateOf(endpoint).broken,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    }
  }
}

function endpointOf(name: string, body: EndpointBody): Endpoint {
  if (!NAME_PATTERN.test(name))
    throw new ValidationError([
      {
        path: 'name',
        message: 'must begin with a letter a to z, then letters a to z, digits, _ and -, at most 63 characters',
      },
    ])
  const { title, description = '', query, parameters = [], costCredits = null, cacheSeconds = null } = plain(body)
  return { name, title, description, query, parameters, costCredits, cacheSeconds }
}

function declared({ name, title, description, query, parameters, costCredits, cacheSeconds }: Endpoint): Endpoint {
  return { name, title, description, query, parameters, costCredits, cacheSeconds }
}
