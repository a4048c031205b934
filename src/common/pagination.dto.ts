import { ApiProperty } from '@nestjs/swagger'
import { IsInt, Max, Min } from 'class-validator'
import { WholeNumber } from './decorators/whole-number.decorator.js'

/** `?limit=50&offset=0` of every list. */
export class PageQuery {
  @ApiProperty({ required: false, minimum: 1, maximum: 500, default: 50 })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 50

  @ApiProperty({ required: false, minimum: 0, default: 0 })
  @WholeNumber()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  offset: number = 0
}

export class Pagination {
  @ApiProperty({ example: 50 }) limit: number
  @ApiProperty({ example: 0 }) offset: number
  @ApiProperty({ example: 1 }) total: number
}

/** The shape of every list: one page and where it lies in the whole. */
export interface Page<T> {
  data: T[]
  pagination: Pagination
}

export function pageOf<T>(data: T[], { limit, offset }: PageQuery, total: number): Page<T> {
  return { data, pagination: { limit, offset, total } }
}
