import { Controller, Post } from '@nestjs/common'
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/access.decorator.js'
import { CurrentCaller, type Caller } from '../common/caller.js'
import { TicketsService } from '../keys/tickets.service.js'
import { Ticket } from './live.dto.js'

@ApiTags('Real time')
@Controller('v1/realtime')
export class TicketController {
  constructor(private readonly tickets: TicketsService) {}

  @Post('ticket')
  @Access('any')
  @ApiOperation({
    summary: 'A ticket for a live stream, in place of the key',
    description:
      'It opens `GET /api/ws?ticket=` or `GET /v1/realtime/stream?ticket=` once, within 60 seconds, on any instance.',
  })
  @ApiCreatedResponse({ type: Ticket })
  issue(@CurrentCaller() { keyId }: Caller): Promise<Ticket> {
    return this.tickets.issue({ keyId })
  }
}
