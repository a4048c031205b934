import { ApiProperty } from '@nestjs/swagger'
import { FRAME_TYPES, type FrameType } from './live-frame.js'

/** One message of a live stream, for the documentation. */
export class LiveFrame {
  @ApiProperty({ enum: FRAME_TYPES, example: 'event' }) type: FrameType
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) at: string
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'by the type',
    example: {
      events: [
        {
          id: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11',
          timestamp: '2026-01-31T12:00:00.000Z',
          source: 'shop-1',
          type: 'sale',
          values: { amount: 12.5, region: 'EMEA' },
        },
      ],
      omitted: 0,
    },
  })
  data: Record<string, unknown>
}

export class Ticket {
  @ApiProperty({ description: 'for `?ticket=`', example: 'uYl8mGn0mYV5o3yTn8zQy9m2l1dJx0bqQ4iQn7w3bLk' }) ticket: string
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:01:00.000Z' }) expiresAt: string
}
