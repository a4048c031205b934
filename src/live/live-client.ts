import type { FastifyRequest } from 'fastify'
import { mayCall } from '../auth/access-rules.js'
import type { Frame, FrameType } from './live-frame.js'

/** Why a stream is closed, with the code of RFC 6455 that says it over a WebSocket. */
export const CLOSE_REASONS = {
  stopping: { code: 1001, reason: 'the server stops; connect again' },
  revoked: { code: 1008, reason: 'this key is no longer valid' },
  slow: { code: 1013, reason: 'too slow: frames were not taken in time' },
  uncertain: { code: 1011, reason: 'the key cannot be checked right now; connect again' },
} as const
export type CloseReason = keyof typeof CLOSE_REASONS

/**
 * What a reader may leave untaken: more, and it is dropped. All readers share a frame's bytes, so that one that stands
 * still costs little.
 */
export const MAX_UNTAKEN_BYTES = 4 * 1024 * 1024

/** Somebody who reads frames, over whatever. */
export abstract class LiveClient {
  /** the kinds of frames that it wants; a snapshot comes anyway */
  protected wanted?: ReadonlySet<FrameType>

  constructor(readonly request: FastifyRequest) {}

  /** Jobs are for those who may read them: asked each time, since a role can change. */
  get canReadJobs(): boolean {
    const role = this.request.principal?.role
    return role !== undefined && mayCall({ role }, 'admin', 'GET')
  }

  takes(type: FrameType): boolean {
    if (type === 'ingestion' && !this.canReadJobs) return false
    return type === 'snapshot' || !this.wanted || this.wanted.has(type)
  }

  abstract send(frame: Frame): void
  /** A sign of life, and the end of those that give none. */
  abstract beat(): void
  abstract close(closeReason: CloseReason): void
  /** Ends it without a word. */
  abstract cut(): void
  abstract onGone(listener: () => void): void
}
