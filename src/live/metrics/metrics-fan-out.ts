import { Logger } from '@nestjs/common'
import { Redis } from 'ioredis'
import { INSTANCE_ID } from '../common/instance-id.js'
import type { Digest } from './metrics-digest.js'

/** Tells the other instances what was stored here. What gets lost on the way costs a frame, never a count. */
export abstract class FanOut {
  abstract publish(digest: Digest): void
  /** Calls it with what others publish. */
  abstract listen(onDigest: (digest: Digest) => void): void
  abstract close(): void
}

/** Without Redis nobody is told; counts follow when this instance looks at the engine. */
export class NoFanOut extends FanOut {
  override publish(): void {}
  override listen(): void {}
  override close(): void {}
}

const CHANNEL = 'countinghouse:events'
/** Newer events go first; older ones beyond this are told by number only. */
const MAX_MESSAGE_BYTES = 1024 * 1024
/** A Redis that hangs must not pile up messages here. */
const MAX_IN_FLIGHT = 32

interface Message {
  from: string
  digest: Digest
}

/** Through Redis, by publish and subscribe. It connects again by itself; an outage is logged once, and its end. */
export class RedisFanOut extends FanOut {
  private readonly logger = new Logger('Realtime')
  private readonly publisher: Redis
  private readonly subscriber: Redis
  private inFlight = 0
  private isDown = false

  constructor(url: string) {
    super()
    const options = { connectTimeout: 2_000, retryStrategy: (attempt: number) => Math.min(attempt * 200, 2_000) }
    this.publisher = new Redis(url, { ...options, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
    this.subscriber = new Redis(url, { ...options, maxRetriesPerRequest: null })
    this.publisher.on('error', (error: Error) => this.failed(error))
    this.publisher.on('ready', () => this.recovered())
    this.subscriber.on('error', () => undefined)
  }

  override publish(digest: Digest): void {
    if (this.publisher.status !== 'ready' || this.inFlight >= MAX_IN_FLIGHT) return
    this.inFlight++
    this.publisher
      .publish(CHANNEL, JSON.stringify({ from: INSTANCE_ID, digest: shortened(digest) } satisfies Message))
      .catch((error: Error) => this.failed(error))
      .finally(() => this.inFlight--)
  }

  override listen(onDigest: (digest: Digest) => void): void {
    this.subscriber.on('message', (_channel, text) => {
      const message = parsed(text)
      if (message && message.from !== INSTANCE_ID) onDigest(message.digest)
    })
    // It subscribes again after each reconnection.
    void this.subscriber.subscribe(CHANNEL).catch(() => undefined)
  }

  override close(): void {
    this.publisher.disconnect()
    this.subscriber.disconnect()
  }

  private failed(error: Error): void {
    if (this.isDown) return
    this.isDown = true
    this.logger.warn(`Redis is out of reach, live events of other instances do not arrive: ${error.message}`)
  }

  private recovered(): void {
    if (this.isDown) this.logger.log('Redis is back, live events of other instances arrive again')
    this.isDown = false
  }
}

function shortened(digest: Digest): Digest {
  let bytes = 0
  const tooOld = digest.events.findLastIndex((event) => (bytes += JSON.stringify(event).length) > MAX_MESSAGE_BYTES)
  return { ...digest, events: digest.events.slice(tooOld + 1), omitted: digest.omitted + tooOld + 1 }
}

function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message
  } catch {
    return undefined
  }
}
