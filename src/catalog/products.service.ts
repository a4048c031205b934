import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/app-error.js'
import { containsPattern } from '../database/contains-pattern.js'
import { Database } from '../database/database.js'
import { isoTime, JsonTable, type Condition, type JsonText } from '../database/json-table.js'
import { CATALOG_CHANGED } from './catalog-events.js'
import type { CreateProductBody, ListProductsQuery, ProductSort, UpdateProductBody } from './products.dto.js'

/** Each ends with the id, so that equal products keep their places from page to page. */
const ORDER: Record<ProductSort, string> = {
  name: 't.name, t.id',
  price: 't.price, t.id',
  '-price': 't.price DESC, t.id DESC',
  '-sold': 't.sold DESC, t.id',
  '-createdAt': 't.created_at DESC, t.id',
}

/** What can be ordered. Stock and what was sold change with orders too. */
@Injectable()
export class ProductsService {
  private readonly products: JsonTable

  constructor(
    private readonly database: Database,
    private readonly events: EventEmitter2,
  ) {
    this.products = new JsonTable(database, {
      table: 'products',
      fields: {
        id: 't.id',
        name: 't.name',
        price: 'trim_scale(t.price)',
        categoryId: 't.category_id',
        stockQuantity: 't.stock_quantity',
        description: 't.description',
        isActive: 't.is_active',
        sold: 't.sold',
        createdAt: isoTime('t.created_at'),
        updatedAt: isoTime('t.updated_at'),
      },
      columns: {
        name: 'name',
        price: 'price',
        categoryId: 'category_id',
        stockQuantity: 'stock_quantity',
        description: 'description',
        isActive: 'is_active',
      },
    })
  }

  create(body: CreateProductBody): Promise<JsonText> {
    return this.withCategory(() => this.products.insert(uuidv7(), body))
  }

  /** All or none. */
  async createAll(bodies: CreateProductBody[]): Promise<JsonText> {
    const rows = bodies.map((body) => ({ id: uuidv7(), values: { ...body, isActive: body.isActive ?? true } }))
    const created = await this.database.transaction(async () => {
      await this.holdCategories(bodies.map(({ categoryId }) => categoryId))
      return this.products.insertAll(rows)
    })
    await this.changed()
    return `{"data":${created}}`
  }

  list(query: ListProductsQuery): Promise<JsonText> {
    return this.products.list(query, ORDER[query.sort], conditionsOf(query))
  }

  async get(id: string): Promise<JsonText> {
    return found(await this.products.find(id))
  }

  async update(id: string, body: UpdateProductBody): Promise<JsonText> {
    return found(await this.withCategory(() => this.products.update(id, body)))
  }

  /** What is absent gets its default. */
  replace(id: string, body: CreateProductBody): Promise<JsonText> {
    return this.update(id, { ...body, description: body.description ?? null, isActive: body.isActive ?? true })
  }

  async remove(id: string): Promise<void> {
    const removed = await this.products.remove(id).catch((error: unknown) => {
      if (this.database.foreignKeyViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'The product is in orders; set isActive to false instead.')
    })
    if (!removed) throw new NotFoundError('The product')
    await this.changed()
  }

  /** Nobody can delete them until the transaction ends. */
  private async holdCategories(ids: string[]): Promise<void> {
    const found = await this.database.query<{ id: string }>(
      'SELECT id FROM categories WHERE id = ANY ($1::uuid[]) FOR KEY SHARE',
      [[...new Set(ids)]],
    )
    const known = new Set(found.map(({ id }) => id))
    const unknown = ids.findIndex((id) => !known.has(id.toLowerCase()))
    if (unknown !== -1) throw new NotFoundError(`The category of products[${unknown}]`)
  }

  /** Whoever hears of it reads what is committed. */
  private changed(): Promise<void> {
    return this.database.afterCommit(async () => void (await this.events.emitAsync(CATALOG_CHANGED)))
  }

  private async withCategory<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      await this.changed()
      return result
    } catch (error) {
      if (this.database.foreignKeyViolation(error) === undefined) throw error
      throw new NotFoundError('The category')
    }
  }
}

function conditionsOf({ name, categoryId, minPrice, maxPrice, isActive }: ListProductsQuery): Condition[] {
  const all: Condition[] = [
    { sql: 't.name ILIKE ?', value: name && containsPattern(name) },
    { sql: 't.category_id = ?', value: categoryId },
    { sql: 't.price >= ?', value: minPrice },
    { sql: 't.price <= ?', value: maxPrice },
    { sql: 't.is_active = ?', value: isActive },
  ]
  return all.filter(({ value }) => value !== undefined)
}

function found(product: JsonText | undefined): JsonText {
  if (product === undefined) throw new NotFoundError('The product')
  return product
}
