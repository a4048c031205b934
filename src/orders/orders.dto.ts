import { ApiProperty } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../common/pagination.dto.js'

export class OrderItemBody {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsUUID()
  productId: string

  /** @example 2 */
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  quantity: number
}

export class CreateOrderBody {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsUUID()
  customerId: string

  @ApiProperty({ type: [OrderItemBody], minItems: 1, maxItems: 500 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => OrderItemBody)
  items: OrderItemBody[]
}

export class ListOrdersQuery extends PageQuery {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsOptional()
  @IsUUID()
  customerId?: string
}

export class OrderItem {
  @ApiProperty({
    description: 'the transaction_id of the item in the dataset "transactions"',
    example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13',
  })
  id: string
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) productId: string
  @ApiProperty({ example: 'Yo-yo' }) productName: string
  @ApiProperty({ example: 2 }) quantity: number
  @ApiProperty({ format: 'decimal', description: "the product's when it was ordered", example: 19.99 }) price: number
  @ApiProperty({ format: 'decimal', description: 'price x quantity, exact', example: 39.98 }) totalPrice: number
}

export class Order {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12' }) id: string
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) customerId: string
  @ApiProperty({ example: 'Ada Buyer' }) customerName: string
  @ApiProperty({ type: [OrderItem] }) items: OrderItem[]
  @ApiProperty({ format: 'decimal', description: 'exact sum of the items', example: 39.98 }) total: number
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) createdAt: Date
}
