import { Injectable, Logger } from '@nestjs/common'
import type { Principal } from '../common/principal.js'
import { TokensRepository } from '../auth/tokens/tokens.repository.js'
import { TokenCreditLimitError } from './credits.errors.js'

/** Counts credits back, once the charge that they were counted for was not made or came back. */
export type GiveBack = () => Promise<void>

const NOTHING: GiveBack = () => Promise.resolve()

/**
 * What browser tokens with `maxCredits` may spend, beside the balance and the limit of their key. Counted before the charge by
 * one statement that all instances share, so that no token ever spends more; a process that dies in between leaves the
 * credits counted, for what is left of the token's hour.
 */
@Injectable()
export class TokenBudgetsService {
  private readonly logger = new Logger('Tokens')

  constructor(private readonly tokens: TokensRepository) {}

  /** TokenCreditLimitError (402) when the token may not spend so much; nothing is counted then. */
  async take({ token }: Principal, cost: number): Promise<GiveBack> {
    if (!token || token.maxCredits === null || cost === 0) return NOTHING
    const { id, maxCredits: limit } = token
    if (!(await this.tokens.spend(id, cost)))
      throw new TokenCreditLimitError(cost, { limit, used: (await this.tokens.spent(id)) ?? limit })
    return () => this.giveBack(id, cost)
  }

  private async giveBack(id: string, cost: number): Promise<void> {
    await this.tokens.giveBack(id, cost).catch((error: unknown) => {
      this.logger.warn(`${cost} credits stay counted for a token: ${String(error)}`)
    })
  }
}
