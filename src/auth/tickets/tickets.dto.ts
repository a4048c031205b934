import { ApiProperty } from '@nestjs/swagger'

export class Ticket {
  @ApiProperty({ description: 'for `?ticket=`', example: 'uYl8mGn0mYV5o3yTn8zQy9m2l1dJx0bqQ4iQn7w3bLk' }) ticket: string
  @ApiProperty({ example: '2026-01-31T12:01:00.000Z' }) expiresAt: string
}
