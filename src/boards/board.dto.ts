import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { SavedQuery } from './saved-query.dto.js'
import { IsRevision, ShareableBody, ShareableResponse } from './shareable.dto.js'

export const GRID_COLUMNS = 12
const MAX_TILES = 50
const MAX_ROW = 1_000
const MAX_HEIGHT = 50
const REFRESH_SECONDS = { least: 30, most: 86_400 }
/** A line feed and a tab are the only controls in it. */
const TEXT = /^(?:[^\p{Cc}\p{Surrogate}]|[\n\t])*$/u

/** A saved query, or a text. */
export class BoardTileBody {
  @ApiPropertyOptional({ format: 'uuid', nullable: true, example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' })
  @IsOptional()
  @IsUUID()
  savedQueryId?: string | null

  @ApiPropertyOptional({ type: String, nullable: true, description: 'plain, of several lines', example: null })
  @IsOptional()
  @IsString()
  @Length(1, 5000)
  @Matches(TEXT, { message: 'must have no control characters other than line feeds and tabs' })
  text?: string | null

  @ApiProperty({ type: 'integer', minimum: 0, maximum: GRID_COLUMNS - 1, description: 'the column', example: 0 })
  @IsInt()
  @Min(0)
  @Max(GRID_COLUMNS - 1)
  x: number

  @ApiProperty({ type: 'integer', minimum: 0, maximum: MAX_ROW, description: 'the row', example: 0 })
  @IsInt()
  @Min(0)
  @Max(MAX_ROW)
  y: number

  @ApiProperty({ type: 'integer', minimum: 1, maximum: GRID_COLUMNS, description: 'columns wide', example: 6 })
  @IsInt()
  @Min(1)
  @Max(GRID_COLUMNS)
  w: number

  @ApiProperty({ type: 'integer', minimum: 1, maximum: MAX_HEIGHT, description: 'rows high', example: 4 })
  @IsInt()
  @Min(1)
  @Max(MAX_HEIGHT)
  h: number
}

export class BoardBody extends ShareableBody {
  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: REFRESH_SECONDS.least,
    maximum: REFRESH_SECONDS.most,
    description: 'how often whoever shows it queries its tiles anew; null: when somebody asks. Each time is paid',
    example: null,
  })
  @IsOptional()
  @IsInt()
  @Min(REFRESH_SECONDS.least)
  @Max(REFRESH_SECONDS.most)
  refreshSeconds?: number | null

  @ApiProperty({ type: [BoardTileBody], maxItems: MAX_TILES, description: `on a grid of ${GRID_COLUMNS} columns` })
  @IsArray()
  @ArrayMaxSize(MAX_TILES)
  @ValidateNested({ each: true })
  @Type(() => BoardTileBody)
  tiles: BoardTileBody[]
}

export class ChangeBoardBody extends BoardBody {
  @IsRevision() revision: number
}

export class BoardTile {
  @ApiProperty({ format: 'uuid', type: String, nullable: true, example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' })
  savedQueryId: string | null
  @ApiProperty({
    type: SavedQuery,
    nullable: true,
    description: 'null where it is a text, and where the saved query does not exist for this key: it is private, say',
  })
  savedQuery: SavedQuery | null
  @ApiProperty({ type: String, nullable: true, example: null }) text: string | null
  @ApiProperty({ type: 'integer', example: 0 }) x: number
  @ApiProperty({ type: 'integer', example: 0 }) y: number
  @ApiProperty({ type: 'integer', example: 6 }) w: number
  @ApiProperty({ type: 'integer', example: 4 }) h: number
}

/** A dashboard in a list. */
export class BoardSummary extends ShareableResponse {
  @ApiProperty({ type: 'integer', nullable: true, example: null }) refreshSeconds: number | null
  @ApiProperty({ type: 'integer', example: 6 }) tileCount: number
}

/** A dashboard: saved queries and texts on a grid of 12 columns. */
export class Board extends BoardSummary {
  @ApiProperty({ type: [BoardTile] }) tiles: BoardTile[]
}
