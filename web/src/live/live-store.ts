import type { Frame } from './frames'
import { LiveConnection, type ConnectionState } from './live-connection'
import { afterFrame, type LiveFigures } from './live-metrics'
import { LiveWindow, type Slice } from './live-window'

export interface LiveState {
  connection: ConnectionState
  /** undefined until the first snapshot */
  figures: LiveFigures | undefined
  /** the last minutes, oldest first */
  slices: readonly Slice[]
}

type FrameListener = (frame: Frame) => void

const NOTHING: LiveState = { connection: { status: 'connecting' }, figures: undefined, slices: [] }
/** Readers are published of new figures this often: frames come faster than anybody reads, and charts cost time. */
const NOTIFY_INTERVAL_MS = 200
/** Time passes without any event, too. */
const TICK_MS = 1_000

/** What the live stream says, for all who look at it: one connection while there is at least one of them. */
class LiveStore {
  private state = NOTHING
  /** as it was when the readers were published last */
  private published = NOTHING
  private readonly readers = new Set<() => void>()
  private readonly frameListeners = new Set<FrameListener>()
  private connection?: LiveConnection
  private window = new LiveWindow()
  private telling?: number
  private ticking?: number

  readonly read = (): LiveState => this.published

  readonly subscribe = (reader: () => void): (() => void) => {
    this.readers.add(reader)
    this.connectIfNeeded()
    return () => {
      this.readers.delete(reader)
      this.disconnectIfUnneeded()
    }
  }

  readonly listen = (listener: FrameListener): (() => void) => {
    this.frameListeners.add(listener)
    this.connectIfNeeded()
    return () => {
      this.frameListeners.delete(listener)
      this.disconnectIfUnneeded()
    }
  }

  readonly retryNow = (): void => this.connection?.retryNow()

  private connectIfNeeded(): void {
    if (this.connection) return
    this.connection = new LiveConnection({
      onState: (connection) => {
        this.state = { ...this.state, connection }
        this.tell()
      },
      onFrame: (frame) => this.take(frame),
    })
    this.connection.open()
    this.ticking = window.setInterval(() => this.tell(), TICK_MS)
  }

  private disconnectIfUnneeded(): void {
    if (this.readers.size + this.frameListeners.size > 0) return
    this.connection?.close()
    this.connection = undefined
    // What one person saw must not be there for the next one.
    this.state = this.published = NOTHING
    this.window = new LiveWindow()
    window.clearInterval(this.ticking)
    window.clearTimeout(this.telling)
    this.telling = undefined
  }

  private take(frame: Frame): void {
    this.state = { ...this.state, figures: afterFrame(this.state.figures, frame) }
    this.addToWindow(frame, Date.now())
    for (const listener of this.frameListeners) listener(frame)
    this.telling ??= window.setTimeout(() => this.tell(), NOTIFY_INTERVAL_MS)
  }

  private addToWindow(frame: Frame, nowMs: number): void {
    if (frame.type === 'snapshot') this.window.addSnapshot(frame.data.metrics.timeSeries, nowMs)
    if (frame.type !== 'event') return
    this.window.add(frame.data.events, nowMs)
    this.window.addOmitted(frame.data.omitted, nowMs)
  }

  private tell(): void {
    window.clearTimeout(this.telling)
    this.telling = undefined
    this.published = { ...this.state, slices: this.window.read(Date.now()) }
    for (const reader of this.readers) reader()
  }
}

export const liveStore = new LiveStore()
