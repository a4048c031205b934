import { Controller, Post, Req } from '@nestjs/common'
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Access } from '../../common/decorators/access.decorator.js'
import { CurrentPrincipal, type Principal } from '../../common/principal.js'
import { sessionOf } from '../request-authenticator.service.js'
import { hashOfSession } from '../sessions/sessions.service.js'
import { TicketsService } from './tickets.service.js'
import { Ticket } from './tickets.dto.js'

@ApiTags('Real time')
@Controller('v1/realtime')
export class TicketsController {
  constructor(private readonly tickets: TicketsService) {}

  @Post('ticket')
  @Access('dashboards')
  @ApiOperation({
    summary: 'A ticket for a live stream, in place of the key',
    description:
      'It opens `GET /api/ws?ticket=` or `GET /v1/realtime/stream?ticket=` once, within 60 seconds, on any instance. ' +
      'The ticket of a session, and its stream, end with that session.',
  })
  @ApiCreatedResponse({ type: Ticket })
  issue(@CurrentPrincipal() { keyId }: Principal, @Req() request: FastifyRequest): Promise<Ticket> {
    const token = sessionOf(request)
    return this.tickets.issue({ keyId, sessionHash: token === undefined ? null : hashOfSession(token) })
  }
}
