import { ApiProperty } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import { IsTimestamp } from '../../common/decorators/timestamp.decorator.js'
import { CreditLimitBody, CreditUsage } from '../../credits/limits/credit-limits.dto.js'
import { isCidr } from '../../common/http/cidr-allowlist.js'
import { AccessPolicyBody, AccessPolicyInfo, IsAccessPolicy } from '../access/access-policy.dto.js'
import type { ApiKeyEntity } from './api-key.entity.js'

const IsCidr = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isCidr',
      validator: {
        validate: (value) => typeof value === 'string' && isCidr(value),
        defaultMessage: () => 'must hold networks such as 192.0.2.0/24 or 2001:db8::/32',
      },
    },
    { each: true },
  )

export class CreateKeyBody {
  /**
   * What the key is for
   * @example 'nightly report'
   */
  @IsOptional()
  @IsCleanText(100)
  name?: string | null

  /**
   * When it stops working; never when absent
   * @example '2030-01-01T00:00:00.000Z'
   */
  @IsOptional()
  @IsTimestamp()
  expiresAt?: string | null

  /**
   * Queries a minute with this key, within what its user may send with all keys; the user's or the server's limit when
   * absent
   * @example 120
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  rateLimitPerMinute?: number | null

  /**
   * Networks that it may be used from; anywhere when absent
   * @example ['192.0.2.0/24', '2001:db8::/32']
   */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsCidr()
  allowedCidrs?: string[] | null

  /**
   * This key may send events although its user may not
   * @example false
   */
  @MayBeAbsent()
  @IsBoolean()
  sendEvents?: boolean

  /** What the key may spend of its user's credits; null or absent: all. A key that replaces it by rotation shares it */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CreditLimitBody)
  creditLimit?: CreditLimitBody | null

  @IsAccessPolicy('narrows what the user may see; null or absent: the same')
  access?: AccessPolicyBody | null
}

const SETTABLE_STATUSES = ['active', 'disabled'] as const

export class UpdateKeyBody extends CreateKeyBody {
  /**
   * A disabled key stops working on every instance within a second, until it is active again
   * @example 'disabled'
   */
  @MayBeAbsent()
  @IsIn(SETTABLE_STATUSES)
  status?: (typeof SETTABLE_STATUSES)[number]
}

export class RotateKeyBody {
  /**
   * How long the old key goes on working; 0 ends it at once
   * @example 3600
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(30 * 86_400)
  overlapSeconds?: number
}

export class Key {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example 'nightly report' */
  name: string | null

  /**
   * The first characters of the key, to tell keys apart
   * @example 'ch_9aXk2Q'
   */
  prefix: string

  /** @example null */
  expiresAt: Date | null

  /**
   * To within some seconds
   * @example '2026-01-31T12:00:00.000Z'
   */
  lastUsedAt: Date | null

  status: 'active' | 'disabled' | 'expired' | 'revoked'

  /** @example '2026-01-01T12:00:00.000Z' */
  createdAt: Date

  /**
   * The key that made this one through /v1/me/keys, with which it ends; null: an admin did
   * @example null
   */
  madeBy: string | null

  /** @example null */
  rateLimitPerMinute: number | null

  /** @example ['192.0.2.0/24'] */
  allowedCidrs: string[] | null

  /**
   * The key may send events, whether its user may or not
   * @example false
   */
  sendEvents: boolean

  creditLimit: CreditLimitBody | null

  /** What is used of creditLimit; null without one */
  creditUsage: CreditUsage | null

  static of(key: ApiKeyEntity): Key {
    const { id, name, prefix, expiresAt, lastUsedAt, status, createdAt } = key
    const { madeBy, rateLimitPerMinute, allowedCidrs, sendEvents } = key
    const settings = { madeBy, rateLimitPerMinute, allowedCidrs, sendEvents, ...limitOf(key) }
    return Object.assign(new Key(), { id, name, prefix, expiresAt, lastUsedAt, status, createdAt, ...settings })
  }
}

function limitOf({ creditLimit: limit }: ApiKeyEntity): Pick<Key, 'creditLimit' | 'creditUsage'> {
  if (!limit) return { creditLimit: null, creditUsage: null }
  const { credits, every, used, resetsAt } = limit
  return { creditLimit: { credits, every }, creditUsage: { used, resetsAt } }
}

/** A key as admins see it. Its policy is not shown to its holder. */
export class ManagedKey extends Key {
  @ApiProperty({ type: AccessPolicyInfo, nullable: true, description: 'null: what its user may see' })
  access: AccessPolicyInfo | null

  static override of(key: ApiKeyEntity): ManagedKey {
    return Object.assign(new ManagedKey(), Key.of(key), { access: key.access })
  }
}

export class CreatedKey {
  key: ManagedKey

  /**
   * The secret, shown this once
   * @example 'ch_0000000000000000000000000000000000000000000'
   */
  apiKey: string
}

/** A key as its holder sees it. */
export class IssuedOwnKey {
  key: Key

  /**
   * The secret, shown this once
   * @example 'ch_0000000000000000000000000000000000000000000'
   */
  apiKey: string
}
