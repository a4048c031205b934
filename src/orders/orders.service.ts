import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, ValidationError } from '../common/errors/app-error.js'
import { Database } from '../infrastructure/database/database.js'
import { isOutOfRange } from '../infrastructure/database/database-errors.js'
import type { RawJson } from '../common/decorators/raw-json-response.decorator.js'
import { CATALOG_CHANGED } from '../catalog/catalog-events.js'
import type { CreateOrderBody, ListOrdersQuery } from './orders.dto.js'
import { OrdersRepository, type OrderProblem } from './orders.repository.js'

/** Emitted when orders changed in this process: their items wait in the outbox. */
export const ORDERS_CHANGED = 'orders.changed'

@Injectable()
export class OrdersService {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly events: EventEmitter2,
    private readonly database: Database,
  ) {}

  async create({ customerId, items }: CreateOrderBody): Promise<RawJson> {
    const id = uuidv7()
    const problem = await this.orders.create({ id, customerId, items })
    if (problem) throw refusalOf(problem)
    await this.changed()
    return this.get(id)
  }

  list(query: ListOrdersQuery): Promise<RawJson> {
    return this.orders.list(query, query.customerId)
  }

  async get(id: string): Promise<RawJson> {
    const order = await this.orders.find(id)
    if (order === undefined) throw new NotFoundError('The order')
    return order
  }

  /** The stock goes back, the items leave the dataset. */
  async remove(id: string): Promise<void> {
    const removed = await this.orders.remove(id).catch((error: unknown) => {
      if (!isOutOfRange(error)) throw error
      const message = 'The stock of a product of this order is so great that its items cannot go back; lower it first.'
      throw new AppError('CONFLICT', message)
    })
    if (!removed) throw new NotFoundError('The order')
    await this.changed()
  }

  private async changed(): Promise<void> {
    // Whoever hears of it reads what is committed.
    await this.database.afterCommit(async () => {
      this.events.emit(ORDERS_CHANGED)
      await this.events.emitAsync(CATALOG_CHANGED)
    })
  }
}

function refusalOf(problem: OrderProblem): AppError {
  if (problem.code === 'NO_CUSTOMER') return new NotFoundError('The customer')
  const path = `items[${problem.line - 1}]`
  switch (problem.code) {
    case 'NO_PRODUCT':
      return new NotFoundError(`The product of ${path}`)
    case 'INACTIVE':
      return new ValidationError([{ path: `${path}.productId`, message: 'is a product that is not active' }])
    case 'TOO_LARGE':
      return new ValidationError([{ path: `${path}.quantity`, message: 'price x quantity is out of range' }])
    case 'OUT_OF_STOCK': {
      const { product, wanted, available } = problem
      const message = `Insufficient stock of "${product}": requested ${wanted}, available ${available}`
      return new AppError('OUT_OF_STOCK', `${message}.`, { errors: [{ path: `${path}.quantity`, message }] })
    }
  }
}
