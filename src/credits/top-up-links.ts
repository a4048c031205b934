import { Injectable } from '@nestjs/common'
import { Config } from '../config/config.js'
import { filledTopUpUrl } from '../config/top-up-url.js'

export interface AccountHolder {
  username: string
  email: string | null
}

/** Where a user buys credits: TOP_UP_URL with what tells the shop who it is. Accounts tell who their holders are. */
@Injectable()
export class TopUpLinks {
  private holderOf?: (userId: string) => Promise<AccountHolder>

  constructor(private readonly config: Config) {}

  setHolders(holderOf: (userId: string) => Promise<AccountHolder>): void {
    this.holderOf = holderOf
  }

  /** Undefined where the operator sells none. */
  async of(userId: string): Promise<string | undefined> {
    const { topUpUrl } = this.config
    if (!topUpUrl || !this.holderOf) return undefined
    const { username, email } = await this.holderOf(userId)
    return filledTopUpUrl(topUpUrl, { userId, username, email })
  }
}
