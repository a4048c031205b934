import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Produces } from '../common/guards/acceptable.guard.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { LiveStreamQuota } from '../auth/live-stream-quota.js'
import type { LiveClient } from './live-client.js'
import { LiveEventStream } from './live-event-stream.js'
import { LiveHub } from './live-hub.js'
import { LiveSocket } from './live-socket.js'
import { LiveSockets } from './live-sockets.js'
import { LiveChangeListener } from './live-change-listener.js'
import { ApiLiveFrames, LIVE_FRAME_SCHEMA } from './live.dto.js'

const FRAMES = `
The first frame is a \`snapshot\`, then come changes, at most ten frames a second. Frames are in order; whoever connects
again begins with a snapshot, so that there is nothing to take up. A later \`snapshot\` replaces everything.

- \`snapshot\`: \`{"metrics": <GET /api/metrics>, "ingestions": [<job>, ...]}\`; the latest 20 jobs, for admins and viewers only
- \`event\`: \`{"events": [...], "omitted": n}\`; new events, oldest first. In a burst the newest ones, at most 1,000 (fewer
  while many watch), and how many were left out before them
- \`metrics\`: the fields of \`GET /api/metrics\` without \`timeSeries\`; of \`eventsByType\`, \`eventsBySource\`, \`recentValues\` and
  \`regions\` only the names that changed, with their new values (\`null\`: gone)
- \`ingestion\`: \`{"ingestions": [<job>, ...]}\`; jobs as they are now, for admins and viewers only
- \`dashboard\`: \`{"changed": ["transactions" | "views" | "catalog"]}\`; what to fetch again: queries on that dataset, the
  reports under \`/api\`, or those under \`/v1/dashboard\`

A user may have LIVE_STREAMS_PER_USER live streams of all kinds open (100), a key LIVE_STREAMS_PER_KEY (50); more get 429. A key that is revoked closes its streams within about a second; so does a reader who leaves 4 MiB untaken.`

@ApiTags('Real time')
@ApiLiveFrames()
@Controller()
export class LiveController {
  constructor(
    private readonly hub: LiveHub,
    private readonly sockets: LiveSockets,
    private readonly watch: LiveChangeListener,
    private readonly quota: LiveStreamQuota,
  ) {}

  @Get('api/ws')
  @Access('dashboards', { ticket: true })
  @ApiOperation({
    summary: 'What happens, as it happens: a WebSocket',
    description:
      `Every message is one JSON frame.\n${FRAMES}\n\n` +
      'The server pings every 30 seconds. It takes `{"type":"ping"}`, to which it responds with `{"type":"pong"}`, and ' +
      '`{"type":"subscribe","frames":["metrics"]}` for some kinds of frames only. Close codes: 1001 the server stops, ' +
      '1003 a message was binary, 1007 a message was not a JSON object, 1008 the key was revoked, a message is unknown or over 300 ' +
      'messages came in 30 seconds, 1009 a message was too large (4 KiB), 1011 the key cannot be checked right now, 1013 too slow.',
  })
  @ApiQuery({
    name: 'ticket',
    type: String,
    required: false,
    description: 'of `POST /v1/realtime/ticket`, in place of the key',
  })
  @ApiResponse({ status: 101, description: 'a WebSocket, whose messages are frames' })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'RATE_LIMITED')
  async socket(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.join(request, () => new LiveSocket(this.sockets.upgrade(request, reply), request))
  }

  @Get('v1/realtime/stream')
  @Access('dashboards', { ticket: true })
  @Produces('text/event-stream')
  @ApiOperation({
    summary: 'What happens, as it happens: server-sent events',
    description:
      `The frames of \`GET /api/ws\`: \`event\` is the type, \`data\` the frame, \`id\` its sequence.\n${FRAMES}\n\n` +
      'A comment every 15 seconds says that the connection lives.',
  })
  @ApiQuery({
    name: 'ticket',
    type: String,
    required: false,
    description: 'of `POST /v1/realtime/ticket`, in place of the key',
  })
  @ApiHeader({ name: 'last-event-id', required: false, description: 'accepted and ignored: a snapshot comes first' })
  @ApiOkResponse({
    description: 'An endless stream',
    content: { 'text/event-stream': { schema: LIVE_FRAME_SCHEMA } },
  })
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.join(request, () => new LiveEventStream(request, reply), reply)
  }

  /** The response of a WebSocket ends when it opens: its place is taken until its connection closes. */
  private async join(request: FastifyRequest, open: () => LiveClient, reply?: FastifyReply): Promise<void> {
    const release = this.quota.take(request, reply)
    try {
      await this.hub.ensureRoom()
      if (request.principal!.role !== 'member') await this.watch.loadIngestions()
      this.hub.join(open())
    } catch (error) {
      release()
      throw error
    }
  }
}
