import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/app-error.js'
import { containsPattern } from '../database/contains-pattern.js'
import { Database } from '../database/database.js'
import { isoTime, JsonTable, type Condition, type JsonText } from '../database/json-table.js'
import { CATALOG_CHANGED } from '../products/catalog-events.js'
import type { CreateCustomerBody, ListCustomersQuery, UpdateCustomerBody } from './customers.dto.js'

/** Who orders; not an account of this API. */
@Injectable()
export class CustomersService {
  private readonly customers: JsonTable

  constructor(
    private readonly database: Database,
    private readonly events: EventEmitter2,
  ) {
    this.customers = new JsonTable(database, {
      table: 'customers',
      fields: {
        id: 't.id',
        name: 't.name',
        email: 't.email',
        country: 't.country',
        region: 't.region',
        createdAt: isoTime('t.created_at'),
        updatedAt: isoTime('t.updated_at'),
      },
      columns: { name: 'name', email: 'email', country: 'country', region: 'region' },
    })
  }

  create(body: CreateCustomerBody): Promise<JsonText> {
    return this.withFreeEmail(() => this.customers.insert(uuidv7(), body))
  }

  list(query: ListCustomersQuery): Promise<JsonText> {
    const all: Condition[] = [
      { sql: 't.name ILIKE ?', value: query.name && containsPattern(query.name) },
      { sql: 'lower(t.email) = lower(?)', value: query.email },
    ]
    const conditions = all.filter(({ value }) => value !== undefined)
    return this.customers.list(query, 't.id DESC', conditions)
  }

  async get(id: string): Promise<JsonText> {
    return found(await this.customers.find(id))
  }

  async update(id: string, body: UpdateCustomerBody): Promise<JsonText> {
    return found(await this.withFreeEmail(() => this.customers.update(id, body)))
  }

  /** What is absent becomes null. */
  replace(id: string, body: CreateCustomerBody): Promise<JsonText> {
    return this.update(id, { ...body, country: body.country ?? null, region: body.region ?? null })
  }

  async remove(id: string): Promise<void> {
    const removed = await this.customers.remove(id).catch((error: unknown) => {
      if (this.database.foreignKeyViolation(error) === undefined) throw error
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
      if (this.database.uniqueViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'There is a customer with this email.', {
        errors: [{ path: 'email', message: 'is taken' }],
      })
    }
  }
}

function found(customer: JsonText | undefined): JsonText {
  if (customer === undefined) throw new NotFoundError('The customer')
  return customer
}
