import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { EntityRepository } from '../../infrastructure/database/entity-repository.js'
import type { Endpoint } from './endpoint.js'
import { EndpointEntity } from './endpoint.entity.js'

@Injectable()
export class EndpointsRepository extends EntityRepository<EndpointEntity> {
  constructor(database: Database) {
    super(database, EndpointEntity)
  }

  /** In the order of their names. */
  findAll(): Promise<EndpointEntity[]> {
    return this.rows.find({ order: { name: 'ASC' } })
  }

  findByName(name: string): Promise<EndpointEntity | null> {
    return this.rows.findOneBy({ name })
  }

  /** As it is now; others that want to change it wait for the end of the transaction around. */
  lock(name: string): Promise<EndpointEntity | null> {
    return this.rows.findOne({ where: { name }, lock: { mode: 'pessimistic_write' } })
  }

  /** The changed endpoint. */
  change(endpoint: EndpointEntity, changes: Endpoint): Promise<EndpointEntity> {
    return this.rows.save(Object.assign(endpoint, changes, { revision: endpoint.revision + 1 }))
  }
}
