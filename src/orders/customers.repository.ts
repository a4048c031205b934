import { Injectable } from '@nestjs/common'
import type { Page } from '../common/pagination.dto.js'
import { containsPattern } from '../infrastructure/database/contains-pattern.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { CustomerEntity } from './customer.entity.js'
import type { ListCustomersQuery } from './customers.dto.js'

@Injectable()
export class CustomersRepository extends EntityRepository<CustomerEntity> {
  constructor(database: Database) {
    super(database, CustomerEntity)
  }

  /** Newest first: ids are made of the time. */
  list(filter: ListCustomersQuery): Promise<Page<CustomerEntity>> {
    const { name, email } = filter
    const query = this.rows.createQueryBuilder('customer').orderBy('customer.id', 'DESC')
    if (name) query.andWhere('customer.name ILIKE :pattern', { pattern: containsPattern(name) })
    if (email) query.andWhere('lower(customer.email) = lower(:email)', { email })
    return this.page(query, filter)
  }
}
