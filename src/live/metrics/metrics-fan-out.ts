import { INSTANCE_ID } from '../../common/instance-id.js'
import { RedisConnection } from '../../infrastructure/redis/redis-connection.js'
import type { MetricsDelta } from './metrics-delta.js'

/** Tells the other instances what was stored here. What gets lost on the way costs a frame, never a count. */
export abstract class FanOut {
  abstract publish(delta: MetricsDelta): void
  /** Calls it with what others publish. */
  abstract listen(onDelta: (delta: MetricsDelta) => void): void
  abstract close(): void
}

/** Without Redis nobody is told; counts follow when this instance looks at ClickHouse. */
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
  delta: MetricsDelta
}

/** The counts are right without it, so nobody waits long for it. */
const TIMEOUT_MS = 1_000

/** Through Redis, by publish and subscribe. */
export class RedisFanOut extends FanOut {
  private readonly publisher: RedisConnection
  private readonly subscriber: RedisConnection
  private inFlight = 0

  constructor(url: string) {
    super()
    this.publisher = new RedisConnection(url, { purpose: 'telling others of live events', timeoutMs: TIMEOUT_MS })
    this.subscriber = new RedisConnection(url, { purpose: 'live events of other instances', timeoutMs: TIMEOUT_MS })
  }

  override publish(delta: MetricsDelta): void {
    if (this.publisher.client.status !== 'ready' || this.inFlight >= MAX_IN_FLIGHT) return
    this.inFlight++
    const text = JSON.stringify({ from: INSTANCE_ID, delta: shortened(delta) } satisfies Message)
    void this.publisher.tryCommand(() => this.publisher.client.publish(CHANNEL, text)).then(() => this.inFlight--)
  }

  override listen(onDelta: (delta: MetricsDelta) => void): void {
    const { client } = this.subscriber
    client.on('message', (_channel, text) => {
      const message = parsed(text)
      if (message && message.from !== INSTANCE_ID) onDelta(message.delta)
    })
    const subscribe = (): unknown => this.subscriber.tryCommand(() => client.subscribe(CHANNEL))
    if (client.status === 'ready') subscribe()
    client.on('ready', subscribe)
  }

  override close(): void {
    this.publisher.close()
    this.subscriber.close()
  }
}

function shortened(delta: MetricsDelta): MetricsDelta {
  let bytes = 0
  const tooOld = delta.events.findLastIndex((event) => (bytes += JSON.stringify(event).length) > MAX_MESSAGE_BYTES)
  return { ...delta, events: delta.events.slice(tooOld + 1), omitted: delta.omitted + tooOld + 1 }
}

function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message
  } catch {
    return undefined
  }
}
