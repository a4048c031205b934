import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Transform, Type } from 'class-transformer'
import { IsBoolean, IsObject, IsOptional, ValidateNested } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../common/decorators/may-be-absent.decorator.js'
import { HasNamedKeys } from '../common/pipes/named-keys.js'
import { ResultView } from './result-view.dto.js'
import { asBoolean, IsRevision, ListShareablesQuery, ShareableBody, ShareableResponse } from './shareable.dto.js'

const QUERY = { dataset: 'transactions', measures: ['revenue'], dimensions: ['category'], order: [['revenue', 'desc']] }

export class SavedQueryBody extends ShareableBody {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'as the body of `POST /v1/query`, at most 32 KiB. It is checked and not executed',
    example: QUERY,
  })
  @IsObject()
  query: Record<string, unknown>

  @ApiPropertyOptional({ type: ResultView, description: 'how its result is shown; a table where it is left out' })
  @MayBeAbsent()
  @IsObject()
  @HasNamedKeys('formats')
  @ValidateNested()
  @Type(() => ResultView)
  view?: ResultView
}

export class ChangeSavedQueryBody extends SavedQueryBody {
  @IsRevision() revision: number
}

export class ListSavedQueriesQuery extends ListShareablesQuery {
  /**
   * Those of one dataset
   * @example 'transactions'
   */
  @IsOptional()
  @IsCleanText(63)
  dataset?: string
}

export class DeleteSavedQueryQuery {
  /**
   * Also where dashboards have it: its tiles are removed from them
   * @example 'true'
   */
  @IsOptional()
  @Transform(asBoolean)
  @IsBoolean()
  force?: boolean
}

/** A query with a name, and how its result is shown. */
export class SavedQuery extends ShareableResponse {
  @ApiProperty({ example: 'transactions' }) dataset: string
  @ApiProperty({ type: 'object', additionalProperties: true, example: QUERY }) query: Record<string, unknown>
  @ApiProperty({ type: ResultView }) view: ResultView
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'why this key cannot execute it: it does not fit the datasets any more; null when it can',
    example: null,
  })
  broken: string | null
}
