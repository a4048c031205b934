import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'

// EventInput describes an event for people; event-reader.ts checks it.

export class EventInput {
  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description:
      'when it happened: ISO-8601, UTC where it names no offset; from the year 2000 to a day ahead; left out: now',
    example: '2026-01-15T09:30:00.000Z',
  })
  timestamp?: string

  @ApiProperty({ minLength: 1, maxLength: 128, example: 'shop-berlin' }) source: string
  @ApiProperty({ minLength: 1, maxLength: 128, example: 'sale' }) type: string

  @ApiProperty({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'number', format: 'decimal' }, { type: 'string' }, { type: 'boolean' }] },
    maxProperties: 64,
    description:
      'flat, at most 64 keys of at most 128 characters, together at most 8 KiB. Numbers are exact: less than 1e28, at most 38 decimals',
    example: { amount: 19.99, quantity: 2, region: 'Europe', returning: true },
  })
  values: Record<string, number | string | boolean>
}

export class IngestResponse {
  @ApiProperty({ example: 'data received' }) status: 'data received'
  @ApiProperty({ format: 'uuid', example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
}

export class RejectedEvent {
  @ApiProperty({ description: 'place in the batch, from 0; blank lines do not count', example: 3 }) index: number
  @ApiProperty({ example: 'values.user: must be a number, a string or a boolean' }) reason: string
}

export class BatchResponse {
  @ApiProperty({ example: 'data received' }) status: 'data received'
  @ApiProperty({ example: 999 }) accepted: number
  @ApiProperty({ type: [RejectedEvent] }) rejected: RejectedEvent[]
}
