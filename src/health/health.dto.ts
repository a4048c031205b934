import { ApiProperty } from '@nestjs/swagger'

export class LiveResponse {
  @ApiProperty({ example: 'ok' }) status: 'ok'
}

export class HealthResponse {
  @ApiProperty({ enum: ['ok', 'error'], example: 'ok' }) status: 'ok' | 'error'
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    example: { postgres: 'up', clickhouse: 'up' },
  })
  engines: Record<string, 'up' | 'down'>
}
