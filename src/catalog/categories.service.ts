import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/app-error.js'
import type { PageQuery } from '../common/pagination.dto.js'
import { Database } from '../database/database.js'
import { isoTime, JsonTable, type JsonText } from '../database/json-table.js'
import type { CreateCategoryBody, UpdateCategoryBody } from './categories.dto.js'

/** What products are sorted into; a category that has products cannot be deleted. */
@Injectable()
export class CategoriesService {
  private readonly categories: JsonTable

  constructor(private readonly database: Database) {
    this.categories = new JsonTable(database, {
      table: 'categories',
      fields: {
        id: 't.id',
        name: 't.name',
        description: 't.description',
        createdAt: isoTime('t.created_at'),
        updatedAt: isoTime('t.updated_at'),
      },
      columns: { name: 'name', description: 'description' },
    })
  }

  create(body: CreateCategoryBody): Promise<JsonText> {
    return this.withFreeName(() => this.categories.insert(uuidv7(), body))
  }

  list(page: PageQuery): Promise<JsonText> {
    return this.categories.list(page, 'lower(t.name), t.id')
  }

  async get(id: string): Promise<JsonText> {
    return found(await this.categories.find(id))
  }

  async update(id: string, body: UpdateCategoryBody): Promise<JsonText> {
    return found(await this.withFreeName(() => this.categories.update(id, body)))
  }

  /** What is absent becomes null. */
  replace(id: string, body: CreateCategoryBody): Promise<JsonText> {
    return this.update(id, { ...body, description: body.description ?? null })
  }

  async remove(id: string): Promise<void> {
    const removed = await this.categories.remove(id).catch((error: unknown) => {
      if (this.database.foreignKeyViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'The category has products; move or delete them first.')
    })
    if (!removed) throw new NotFoundError('The category')
  }

  private async withFreeName<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (this.database.uniqueViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'There is a category of this name.', {
        errors: [{ path: 'name', message: 'is taken' }],
      })
    }
  }
}

function found(category: JsonText | undefined): JsonText {
  if (category === undefined) throw new NotFoundError('The category')
  return category
}
