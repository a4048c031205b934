import { Injectable } from '@nestjs/common'
import { EventEmitter2 } from '@nestjs/event-emitter'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import type { Page } from '../common/pagination.dto.js'
import { exactNumberOf } from '../infrastructure/database/column-transformers.js'
import { Database } from '../infrastructure/database/database.js'
import { foreignKeyViolation } from '../infrastructure/database/database-errors.js'
import { CATALOG_CHANGED } from './catalog-events.js'
import { CategoriesRepository } from './categories.repository.js'
import type { ProductEntity } from './product.entity.js'
import type { CreateProductBody, ListProductsQuery, UpdateProductBody } from './products.dto.js'
import { ProductsRepository } from './products.repository.js'

/** What can be ordered. Stock and what was sold change with orders too. */
@Injectable()
export class ProductsService {
  constructor(
    private readonly products: ProductsRepository,
    private readonly categories: CategoriesRepository,
    private readonly database: Database,
    private readonly events: EventEmitter2,
  ) {}

  create(body: CreateProductBody): Promise<ProductEntity> {
    return this.withCategory(() => this.products.insert(newProduct(body)))
  }

  /** All or none. */
  async createAll(bodies: CreateProductBody[]): Promise<{ data: ProductEntity[] }> {
    const data = await this.database.transaction(async () => {
      await this.holdCategories(bodies.map(({ categoryId }) => categoryId))
      return this.products.insertAll(bodies.map(newProduct))
    })
    await this.changed()
    return { data }
  }

  list(query: ListProductsQuery): Promise<Page<ProductEntity>> {
    return this.products.list(query)
  }

  async get(id: string): Promise<ProductEntity> {
    return found(await this.products.find(id))
  }

  async update(id: string, { price, ...changes }: UpdateProductBody): Promise<ProductEntity> {
    const columns = { ...changes, ...(price !== undefined && { price: exactNumberOf(price) }) }
    return found(await this.withCategory(() => this.products.update(id, columns)))
  }

  /** What is absent gets its default. */
  replace(id: string, body: CreateProductBody): Promise<ProductEntity> {
    return this.update(id, { ...body, description: body.description ?? null, isActive: body.isActive ?? true })
  }

  async remove(id: string): Promise<void> {
    const removed = await this.products.remove(id).catch((error: unknown) => {
      if (foreignKeyViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'The product is in orders; set isActive to false instead.')
    })
    if (!removed) throw new NotFoundError('The product')
    await this.changed()
  }

  private async holdCategories(ids: string[]): Promise<void> {
    const known = await this.categories.hold(ids)
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
      if (foreignKeyViolation(error) === undefined) throw error
      throw new NotFoundError('The category')
    }
  }
}

function newProduct({ price, categoryId, ...body }: CreateProductBody): Partial<ProductEntity> {
  return { ...body, id: uuidv7(), price: exactNumberOf(price), categoryId: categoryId.toLowerCase() }
}

function found(product: ProductEntity | null): ProductEntity {
  if (!product) throw new NotFoundError('The product')
  return product
}
