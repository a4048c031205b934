import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import type { Principal } from '../../common/principal.js'
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
  ) {}

  /** ForbiddenError for the root key: a token acts for an account. */
  async issue({ keyId }: Principal, { expiresInSeconds, maxCredits }: CreateTokenBody): Promise<Token> {
    if (keyId === null)
      throw new ForbiddenError('The root key has no account for a token to act for; send the key of a user.')
    const id = uuidv7()
    // To the second, as the token itself has it.
    const wanted = new Date((Math.floor(Date.now() / 1000) + expiresInSeconds) * 1000)
    const expiresAt = await this.tokens.insert({ id, keyId, maxCredits: maxCredits ?? null, expiresAt: wanted })
    if (!expiresAt) throw new UnauthenticatedError()
    return { token: await this.signer.sign(id, expiresAt), expiresAt: expiresAt.toISOString() }
  }
}
