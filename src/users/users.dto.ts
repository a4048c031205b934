import { ApiProperty, OmitType } from '@nestjs/swagger'
import { IsBoolean, IsEmail, IsIn, IsInt, IsOptional, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator'
import { WellFormed } from '../common/decorators/well-formed.decorator.js'
import { AccessPolicyBody, AccessPolicyInfo, IsAccessPolicy } from '../auth/access/access-policy.dto.js'
import { ROLES, type Role } from '../common/principal.js'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../common/decorators/may-be-absent.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import { MAX_GRANT_CREDITS } from '../credits/credits.types.js'
import { USER_STATUSES, type UserStatus } from './user.entity.js'
import { WholeNumber } from '../common/decorators/whole-number.decorator.js'

/** Letters, digits and . _ @ + - so that a name looks the same wherever it is printed. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/
const USERNAME_RULE = 'must be 1 to 64 letters, digits or . _ @ + - and start with a letter or digit'

/** What an account says of its holder; null empties a field. */
class ProfileFields {
  /** @example 'Alice' */
  @IsOptional()
  @IsCleanText(100)
  firstName?: string | null

  /** @example 'Adams' */
  @IsOptional()
  @IsCleanText(100)
  lastName?: string | null

  /** @example 'alice@example.com' */
  @IsOptional()
  @WellFormed()
  @IsEmail()
  @MaxLength(254)
  email?: string | null

  /** @example 'member' */
  @MayBeAbsent()
  @IsIn(ROLES)
  role?: Role

  /**
   * Queries a minute with all keys together; null or absent: RATE_LIMIT_PER_MINUTE with each key
   * @example 60
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  rateLimitPerMinute?: number | null

  /**
   * May send events with each of its keys; admins may anyway
   * @example false
   */
  @MayBeAbsent()
  @IsBoolean()
  sendEvents?: boolean

  /**
   * The plan whose periods begin now; null ends it. What a plan has granted stays until it expires
   * @example null
   */
  @IsOptional()
  @IsUUID()
  planId?: string | null

  @IsAccessPolicy('what of the data exists for its keys; null or absent: everything that the role may')
  access?: AccessPolicyBody | null
}

export class CreateUserBody extends ProfileFields {
  /**
   * Unique, ignoring case
   * @example 'alice'
   */
  @Matches(USERNAME, { message: USERNAME_RULE })
  username: string

  /**
   * The first grant, in whole credits
   * @example 100
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_GRANT_CREDITS)
  credits?: number
}

export class UpdateUserBody extends ProfileFields {
  /** @example 'alice' */
  @MayBeAbsent()
  @Matches(USERNAME, { message: USERNAME_RULE })
  username?: string

  /**
   * A disabled user's keys stop working within a second
   * @example 'disabled'
   */
  @MayBeAbsent()
  @IsIn(USER_STATUSES)
  status?: UserStatus
}

export class ListUsersQuery extends PageQuery {
  /**
   * Part of the username, a name or the email, ignoring case; of an encrypted email, the whole
   * @example 'ali'
   */
  @IsOptional()
  @IsCleanText(254)
  search?: string

  /** @example 'member' */
  @IsOptional()
  @IsIn(ROLES)
  role?: Role

  /** @example 'active' */
  @IsOptional()
  @IsIn(USER_STATUSES)
  status?: UserStatus

  /**
   * Only users with at most this many credits
   * @example 9
   */
  @IsOptional()
  @WholeNumber()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  maxCredits?: number
}

export class SearchUsersQuery extends PageQuery {
  /**
   * Part of the first or last name, ignoring case
   * @example 'ada'
   */
  @IsOptional()
  @IsCleanText(100)
  name?: string

  /**
   * The whole email, ignoring case
   * @example 'alice@example.com'
   */
  @IsOptional()
  @IsCleanText(254)
  email?: string
}

export class User {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example 'alice' */
  username: string

  /** @example 'Alice' */
  firstName: string | null

  /** @example 'Adams' */
  lastName: string | null

  /** @example 'alice@example.com' */
  email: string | null

  /** @example 'member' */
  role: Role

  /** @example 'active' */
  status: UserStatus

  /** @example 100 */
  credits: number

  /**
   * null: the server's default
   * @example null
   */
  rateLimitPerMinute: number | null

  /**
   * May send events with each of its keys; admins may anyway
   * @example false
   */
  sendEvents: boolean

  /** @example null */
  planId: string | null

  @ApiProperty({ type: AccessPolicyInfo, nullable: true, description: 'null: everything that the role may' })
  access: AccessPolicyInfo | null

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date
}

/** The account behind a key; the root key belongs to none. What its access policy hides is not told. */
export class CurrentUser extends OmitType(User, ['id', 'createdAt', 'access']) {
  /**
   * null for the root key
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  id: string | null

  /**
   * null for the root key
   * @example '2026-01-31T12:00:00.000Z'
   */
  createdAt: Date | null
}

export class CreatedUser {
  user: User

  /**
   * The user's first key, shown this once
   * @example 'ch_0000000000000000000000000000000000000000000'
   */
  apiKey: string
}

/** The user, and the only time that its first key is shown. */
export class UserWithKey extends User {
  /** @example 'ch_0000000000000000000000000000000000000000000' */
  apiKey: string
}

export class Limits {
  /**
   * Queries a minute with this key; null: unlimited
   * @example 60
   */
  rateLimitPerMinute: number | null
}

export class Me {
  user: CurrentUser

  /** @example 100 */
  credits: number

  limits: Limits

  /**
   * Where the account buys credits; absent where the operator sells none
   * @example 'https://pay.example/?user=019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  topUpUrl?: string
}
