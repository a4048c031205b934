import { PartialType } from '@nestjs/swagger'
import { IsOptional } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'

export class CreateCategoryBody {
  /**
   * Unique, ignoring case
   * @example 'Toys'
   */
  @IsCleanText(255)
  name: string

  /** @example 'Things to play with' */
  @IsOptional()
  @IsCleanText(2000, 0)
  description?: string | null
}

export class UpdateCategoryBody extends PartialType(CreateCategoryBody, { skipNullProperties: false }) {}

export class Category {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example 'Toys' */
  name: string

  /** @example 'Things to play with' */
  description: string | null

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  /** @example '2026-01-31T12:00:00.000Z' */
  updatedAt: Date
}
