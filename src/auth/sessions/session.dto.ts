import { IsString, MaxLength } from 'class-validator'
import type { Role } from '../../common/principal.js'

export class SignInBody {
  /**
   * A key, the root key included
   * @example 'ch_0000000000000000000000000000000000000000000'
   */
  @IsString()
  @MaxLength(256)
  apiKey: string
}

/** Who is signed in. */
export class Session {
  /** @example 'admin' */
  role: Role

  /**
   * null for the root key
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  userId: string | null

  /**
   * Queries a minute with each key of an account that has no limit of its own
   * @example 60
   */
  defaultRateLimitPerMinute: number
}

export class StartedSession extends Session {
  /** @example '2026-01-01T12:00:00.000Z' */
  expiresAt: string
}
