import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import type { Page, PageQuery } from '../common/pagination.dto.js'
import { foreignKeyViolation, uniqueViolation } from '../infrastructure/database/database-errors.js'
import type { CreateCategoryBody, UpdateCategoryBody } from './categories.dto.js'
import { CategoriesRepository } from './categories.repository.js'
import type { CategoryEntity } from './category.entity.js'

/** What products are sorted into; a category that has products cannot be deleted. */
@Injectable()
export class CategoriesService {
  constructor(private readonly categories: CategoriesRepository) {}

  create(body: CreateCategoryBody): Promise<CategoryEntity> {
    return withFreeName(() => this.categories.insert({ ...body, id: uuidv7() }))
  }

  list(page: PageQuery): Promise<Page<CategoryEntity>> {
    return this.categories.list(page)
  }

  async get(id: string): Promise<CategoryEntity> {
    return found(await this.categories.find(id))
  }

  async update(id: string, body: UpdateCategoryBody): Promise<CategoryEntity> {
    return found(await withFreeName(() => this.categories.update(id, body)))
  }

  /** What is absent becomes null. */
  replace(id: string, body: CreateCategoryBody): Promise<CategoryEntity> {
    return this.update(id, { ...body, description: body.description ?? null })
  }

  async remove(id: string): Promise<void> {
    const removed = await this.categories.remove(id).catch((error: unknown) => {
      if (foreignKeyViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'The category has products; move or delete them first.')
    })
    if (!removed) throw new NotFoundError('The category')
  }
}

async function withFreeName<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (uniqueViolation(error) === undefined) throw error
    throw new AppError('CONFLICT', 'A category with this name already exists.', {
      errors: [{ path: 'name', message: 'is taken' }],
    })
  }
}

function found(category: CategoryEntity | null): CategoryEntity {
  if (!category) throw new NotFoundError('The category')
  return category
}
