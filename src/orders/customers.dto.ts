import { ApiProperty, PartialType } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsEmail, IsOptional, MaxLength } from 'class-validator'
import { WellFormed } from '../common/decorators/well-formed.decorator.js'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'

export class CreateCustomerBody {
  /** @example 'Ada Buyer' */
  @IsCleanText(255)
  name: string

  /**
   * Unique, ignoring case
   * @example 'ada@example.com'
   */
  @WellFormed()
  @IsEmail()
  @MaxLength(254)
  email: string

  /** @example 'France' */
  @IsOptional()
  @IsCleanText(255, 0)
  country?: string | null

  /** @example 'Europe' */
  @IsOptional()
  @IsCleanText(255, 0)
  region?: string | null
}

export class UpdateCustomerBody extends PartialType(CreateCustomerBody, { skipNullProperties: false }) {}

export class ListCustomersQuery extends PageQuery {
  /**
   * Part of the name, ignoring case
   * @example 'ada'
   */
  @IsOptional()
  @IsCleanText(255)
  name?: string

  /**
   * The whole address, ignoring case
   * @example 'ada@example.com'
   */
  @IsOptional()
  @IsCleanText(254)
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  email?: string
}

export class CustomerResponse {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'Ada Buyer' }) name: string
  @ApiProperty({ example: 'ada@example.com' }) email: string
  @ApiProperty({ type: String, nullable: true, example: 'France' }) country: string | null
  @ApiProperty({ type: String, nullable: true, example: 'Europe' }) region: string | null
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) createdAt: Date
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) updatedAt: Date
}
