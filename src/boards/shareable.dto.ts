import { applyDecorators } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsBoolean, IsIn, IsInt, IsOptional, Min } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../common/decorators/may-be-absent.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import type { Principal } from '../common/principal.js'
import { isOwn, mayChange, VISIBILITIES, type Shareable, type Visibility } from './shareable.js'

export class ShareableBody {
  /** @example 'Revenue by category' */
  @IsCleanText(255)
  name: string

  /** @example 'Without returns' */
  @MayBeAbsent()
  @IsCleanText(2000, 0)
  description?: string

  @ApiPropertyOptional({
    enum: VISIBILITIES,
    default: 'private',
    description:
      'shared: for whoever may query its dataset and members, and gets the same rows of them as its author, or all rows',
  })
  @MayBeAbsent()
  @IsIn(VISIBILITIES)
  visibility?: Visibility
}

/** The revision that a body changes. */
export function IsRevision(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      type: 'integer',
      minimum: 1,
      description: 'the revision that was read: 409 where there is a later one, so that nothing is overwritten unseen',
      example: 1,
    }),
    IsInt(),
    Min(1),
  )
}

export class ListShareablesQuery extends PageQuery {
  /**
   * Part of the name or the description, ignoring case
   * @example 'revenue'
   */
  @IsOptional()
  @IsCleanText(255)
  search?: string

  /**
   * Only your own
   * @example 'true'
   */
  @IsOptional()
  @Transform(asBoolean)
  @IsBoolean()
  mine?: boolean
}

export class Owner {
  @ApiProperty({ format: 'uuid', example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12' }) id: string
  @ApiProperty({ example: 'alice' }) username: string
}

/** What saved queries and boards tell of themselves. */
export class ShareableResponse {
  @ApiProperty({ format: 'uuid', example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'Revenue by category' }) name: string
  @ApiProperty({ example: 'Without returns' }) description: string
  @ApiProperty({ enum: VISIBILITIES, example: 'private' }) visibility: Visibility
  @ApiProperty({
    type: Owner,
    nullable: true,
    description: 'whose it is, told to admins; null: not told, or of the root key',
    example: null,
  })
  owner: Owner | null
  @ApiProperty({ description: 'whether it belongs to the account that asks', example: true }) isOwn: boolean
  @ApiProperty({ description: 'whether this key may change it', example: true }) mayChange: boolean
  @ApiProperty({ type: 'integer', description: 'counts the changes', example: 1 }) revision: number
  @ApiProperty({ format: 'date-time', example: '2026-01-15T09:30:00.000Z' }) createdAt: string
  @ApiProperty({ format: 'date-time', example: '2026-01-15T09:30:00.000Z' }) updatedAt: string
}

/** `usernames`: those that the principal may be told. */
export function describeShareable(
  item: Shareable,
  principal: Principal,
  usernames: ReadonlyMap<string, string>,
): ShareableResponse {
  const { id, name, description, visibility, userId, revision, createdAt, updatedAt } = item
  const username = userId === null ? undefined : usernames.get(userId)
  return {
    ...{ id, name, description, visibility },
    owner: username === undefined ? null : { id: userId!, username },
    isOwn: isOwn(item, principal),
    mayChange: mayChange(item, principal),
    revision,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export function asBoolean({ value }: { value: unknown }): unknown {
  return value === 'true' ? true : value === 'false' ? false : value
}
