import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import type { Principal } from '../../common/principal.js'
import { AccessPoliciesService } from '../access/access-policies.service.js'
import { CreditLimitsService } from '../../credits/limits/credit-limits.service.js'
import { ForbiddenError, UnauthenticatedError } from '../auth.errors.js'
import { TokenSigner } from './token-signer.js'
import type { CreateTokenBody, Token } from './tokens.dto.js'
import { TokensRepository } from './tokens.repository.js'

/**
 * Tokens for browsers: each stands for a key, narrower and for an hour at most. What it may do lies in PostgreSQL under its
 * id, and is looked up together with its key, so that it ends with it.
 */
@Injectable()
export class TokensService {
  constructor(
    private readonly tokens: TokensRepository,
    private readonly signer: TokenSigner,
    private readonly policies: AccessPoliciesService,
    private readonly limits: CreditLimitsService,
  ) {}

  /** ForbiddenError for the root key: a token acts for an account. ValidationError for access to what its key cannot see. */
  async issue({ keyId, access: own }: Principal, body: CreateTokenBody): Promise<Token> {
    if (keyId === null)
      throw new ForbiddenError('The root key has no account for a token to act for; send the key of a user.')
    const { expiresInSeconds, maxCredits = null } = body
    const access = this.policies.checked(body.access, own) ?? null
    const id = uuidv7()
    // To the second, as the token itself has it.
    const wanted = new Date((Math.floor(Date.now() / 1000) + expiresInSeconds) * 1000)
    const limit = maxCredits === null ? null : ({ credits: maxCredits, every: 'total' } as const)
    const creditLimitId = await this.limits.set(null, limit)
    const expiresAt = await this.tokens.insert({ id, keyId, access, creditLimitId, expiresAt: wanted })
    if (!expiresAt) throw new UnauthenticatedError()
    return { token: await this.signer.sign(id, expiresAt), expiresAt: expiresAt.toISOString() }
  }
}
