import { PartialType } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsUUID,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { QueryBoolean } from '../common/decorators/query-boolean.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import { IsPrice } from './price.decorator.js'

export const PRODUCT_SORTS = ['name', 'price', '-price', '-sold', '-createdAt'] as const
export type ProductSort = (typeof PRODUCT_SORTS)[number]

export class CreateProductBody {
  /** @example 'Yo-yo' */
  @IsCleanText(255)
  name: string

  @IsPrice()
  price: string

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsUUID()
  categoryId: string

  /** @example 100 */
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  stockQuantity: number

  /** @example 'Comes back' */
  @IsOptional()
  @IsCleanText(2000, 0)
  description?: string | null

  /**
   * A product that is not active cannot be ordered
   * @example true
   */
  @ValidateIf((_object, value) => value !== undefined)
  @IsBoolean()
  isActive?: boolean
}

export class CreateProductsBody {
  @ApiProperty({ type: [CreateProductBody], minItems: 1, maxItems: 1000 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => CreateProductBody)
  products: CreateProductBody[]
}

export class UpdateProductBody extends PartialType(CreateProductBody, { skipNullProperties: false }) {}

export class ListProductsQuery extends PageQuery {
  /**
   * Part of the name, ignoring case
   * @example 'yo'
   */
  @IsOptional()
  @IsCleanText(255)
  name?: string

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsOptional()
  @IsUUID()
  categoryId?: string

  @IsOptional()
  @IsPrice()
  @ApiPropertyOptional({ example: 5 })
  minPrice?: string

  @IsOptional()
  @IsPrice()
  @ApiPropertyOptional({ example: 20.5 })
  maxPrice?: string

  @ApiPropertyOptional({ enum: PRODUCT_SORTS, default: 'name' })
  @IsIn(PRODUCT_SORTS)
  sort: ProductSort = 'name'

  /** @example 'true' */
  @IsOptional()
  @QueryBoolean()
  isActive?: boolean
}

/** A ProductEntity as it is answered: numbers in JSON have all of their digits. */
export class Product {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example 'Yo-yo' */
  name: string

  @ApiProperty({ format: 'decimal', description: 'exact to 4 decimals', example: 19.99 })
  price: number

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12' */
  categoryId: string

  /** @example 100 */
  stockQuantity: number

  /** @example 'Comes back' */
  description: string | null

  /** @example true */
  isActive: boolean

  @ApiProperty({ description: 'pieces in orders that stand', example: 7 })
  sold: number

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  /** @example '2026-01-31T12:00:00.000Z' */
  updatedAt: Date
}

export class CreatedProducts {
  @ApiProperty({ type: [Product], description: 'in the order in which they were sent' })
  data: Product[]
}
