import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { ERROR_STATUS, type ErrorCode } from './app-error.js'

export class ProblemFieldError {
  @ApiProperty({ example: 'measures[0]' }) path: string
  @ApiProperty({ example: 'Unknown measure "revenu". Did you mean "revenue"? Use transactions or revenue' })
  message: string
}

/** The body of every error answer: RFC 9457 `application/problem+json`. */
export class Problem {
  @ApiProperty({ example: 'https://countinghouse.dev/problems/validation-failed' }) type: string
  @ApiProperty({ example: 'Validation Failed' }) title: string
  @ApiProperty({ example: 400 }) status: number
  @ApiProperty({
    example: 'measures[0]: Unknown measure "revenu". Did you mean "revenue"? Use transactions or revenue',
  })
  detail: string
  @ApiProperty({ enum: Object.keys(ERROR_STATUS), example: 'VALIDATION_FAILED' }) code: ErrorCode
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) requestId: string
  @ApiProperty({ type: [ProblemFieldError] }) errors: ProblemFieldError[]
  @ApiPropertyOptional({ description: '402 only: the credits that the request costs', example: 1 }) required?: number
  @ApiPropertyOptional({ description: '402 INSUFFICIENT_CREDITS only: the credits that are left', example: 0 })
  balance?: number
  @ApiPropertyOptional({ description: '402 KEY_CREDIT_LIMIT only: the credits that the key may spend', example: 50 })
  limit?: number
  @ApiPropertyOptional({ description: '402 KEY_CREDIT_LIMIT only: those that it has spent', example: 50 }) used?: number
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    description: '402 KEY_CREDIT_LIMIT only: when it may spend again; null: not by itself',
    example: '2026-12-01T00:00:00.000Z',
  })
  resetsAt?: Date | null
  @ApiPropertyOptional({ description: '400 COST_LIMIT_EXCEEDED only: the credits that the query costs', example: 5 })
  cost?: number
  @ApiPropertyOptional({
    // Named and not imported: this folder knows no feature.
    allOf: [{ $ref: '#/components/schemas/IngestionResponse' }],
    description: '422 INGESTION_FAILED only: the job',
  })
  ingestion?: object
  @ApiPropertyOptional({ description: '507 only: what the upload takes', example: 5000000000 }) requiredBytes?: number
  @ApiPropertyOptional({ description: '507 only: what is free for uploads', example: 1000000000 }) freeBytes?: number
}

/** The URI of a kind of problem. */
export function typeOf(code: ErrorCode): string {
  return `https://countinghouse.dev/problems/${code.toLowerCase().replaceAll('_', '-')}`
}

/** `INSUFFICIENT_CREDITS` -> `Insufficient Credits` */
export function titleOf(code: ErrorCode): string {
  return code
    .toLowerCase()
    .split('_')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join(' ')
}
