import { Injectable } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { LiveEventStream } from './live-event-stream.js'
import { LiveHub } from './live-hub.js'
import { LiveSocket } from './live-socket.js'

/** Signs of life: they keep proxies from closing quiet connections, and find peers that are gone without a word. */
@Injectable()
export class LiveHeartbeat {
  constructor(private readonly hub: LiveHub) {}

  @Interval(30_000)
  pingSockets(): void {
    for (const client of this.hub.all()) if (client instanceof LiveSocket) client.beat()
  }

  @Interval(15_000)
  commentStreams(): void {
    for (const client of this.hub.all()) if (client instanceof LiveEventStream) client.beat()
  }
}
