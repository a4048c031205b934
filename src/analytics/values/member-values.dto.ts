import { ApiProperty } from '@nestjs/swagger'
import { IsInt, IsOptional, Max, Min } from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { Pagination } from '../../common/pagination.dto.js'
import { WholeNumber } from '../../common/decorators/whole-number.decorator.js'

export class MemberValuesQuery {
  /**
   * Part of the value, ignoring case
   * @example 'ger'
   */
  @IsOptional()
  @IsCleanText(256, 0)
  search?: string

  @ApiProperty({ required: false, minimum: 1, maximum: 500, default: 50 })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 50
}

export class MemberValues {
  @ApiProperty({ type: [String], description: 'most frequent first', example: ['Germany', 'France'] }) data: string[]
  pagination: Pagination
}
