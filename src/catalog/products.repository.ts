import { Injectable } from '@nestjs/common'
import type { Page } from '../common/pagination.dto.js'
import { containsPattern } from '../infrastructure/database/contains-pattern.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { ProductEntity } from './product.entity.js'
import type { ListProductsQuery, ProductSort } from './products.dto.js'

type Order = Record<string, 'ASC' | 'DESC'>

/** Each ends with the id, so that equal products keep their places from page to page; as the indexes have it. */
const ORDER: Record<ProductSort, Order> = {
  name: { 'product.name': 'ASC', 'product.id': 'ASC' },
  price: { 'product.price': 'ASC', 'product.id': 'ASC' },
  '-price': { 'product.price': 'DESC', 'product.id': 'DESC' },
  '-sold': { 'product.sold': 'DESC', 'product.id': 'ASC' },
  '-createdAt': { 'product.createdAt': 'DESC', 'product.id': 'ASC' },
}

@Injectable()
export class ProductsRepository extends EntityRepository<ProductEntity> {
  constructor(database: Database) {
    super(database, ProductEntity)
  }

  list(filter: ListProductsQuery): Promise<Page<ProductEntity>> {
    const { name, categoryId, minPrice, maxPrice, isActive, sort } = filter
    const query = this.rows.createQueryBuilder('product').orderBy(ORDER[sort])
    if (name) query.andWhere('product.name ILIKE :pattern', { pattern: containsPattern(name) })
    if (categoryId) query.andWhere('product.categoryId = :categoryId', { categoryId })
    if (minPrice) query.andWhere('product.price >= :minPrice', { minPrice })
    if (maxPrice) query.andWhere('product.price <= :maxPrice', { maxPrice })
    if (isActive !== undefined) query.andWhere('product.isActive = :isActive', { isActive })
    return this.page(query, filter)
  }
}
