import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import type { Page } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { foreignKeyViolation, uniqueViolation } from '../infrastructure/database/database-errors.js'
import { CATALOG_CHANGED } from '../catalog/catalog-events.js'
import type { CustomerEntity } from './customer.entity.js'
import type { CreateCustomerBody, ListCustomersQuery, UpdateCustomerBody } from './customers.dto.js'
import { CustomersRepository } from './customers.repository.js'

/** Who orders; not an account of this API. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly customers: CustomersRepository,
    private readonly database: Database,
    private readonly events: EventEmitter2,
  ) {}

  create(body: CreateCustomerBody): Promise<CustomerEntity> {
    return this.withFreeEmail(() => this.customers.insert({ ...body, id: uuidv7() }))
  }

  list(query: ListCustomersQuery): Promise<Page<CustomerEntity>> {
    return this.customers.list(query)
  }

  async get(id: string): Promise<CustomerEntity> {
    return found(await this.customers.find(id))
  }

  async update(id: string, body: UpdateCustomerBody): Promise<CustomerEntity> {
    return found(await this.withFreeEmail(() => this.customers.update(id, body)))
  }

  /** What is absent becomes null. */
  replace(id: string, body: CreateCustomerBody): Promise<CustomerEntity> {
    return this.update(id, { ...body, country: body.country ?? null, region: body.region ?? null })
  }

  async remove(id: string): Promise<void> {
    const removed = await this.customers.remove(id).catch((error: unknown) => {
      if (foreignKeyViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'The customer has orders; delete them first.')
    })
    if (!removed) throw new NotFoundError('The customer')
    await this.changed()
  }

  /** Whoever hears of it reads what is committed. */
  private changed(): Promise<void> {
    return this.database.afterCommit(async () => void (await this.events.emitAsync(CATALOG_CHANGED)))
  }

  private async withFreeEmail<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      await this.changed()
      return result
    } catch (error) {
      if (uniqueViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'There is a customer with this email.', {
        errors: [{ path: 'email', message: 'is taken' }],
      })
    }
  }
}

function found(customer: CustomerEntity | null): CustomerEntity {
  if (!customer) throw new NotFoundError('The customer')
  return customer
}
