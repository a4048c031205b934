import { Logger } from '@nestjs/common'
import { GroupCommit } from '../common/group-commit.js'

const RETRY_MS = 1000

/** Makes charges final in batches; keeps trying while the database is away, so that a query with a response stays paid. */
export class Settlements {
  private readonly logger = new Logger('Credits')
  private readonly batches: GroupCommit<string, void>
  private stopping = false

  constructor(private readonly erase: (chargeIds: string[]) => Promise<number>) {
    this.batches = new GroupCommit((chargeIds) => this.settle(chargeIds), { maxBatch: 1000, maxWaiting: Infinity })
  }

  /** Resolves when it is durable; never rejects. */
  add(chargeId: string): Promise<void> {
    return this.batches.submit(chargeId)
  }

  /** Writes what waits; from now on a failure is not tried again. */
  async close(): Promise<void> {
    this.stopping = true
    await this.batches.idle()
  }

  private async settle(chargeIds: string[]): Promise<void[]> {
    while (!(await this.tryToSettle(chargeIds)) && !this.stopping) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    return []
  }

  private async tryToSettle(chargeIds: string[]): Promise<boolean> {
    try {
      const settled = await this.erase(chargeIds)
      // Another instance took this one for dead (a pause of more than half a minute) and gave the credits back.
      if (settled < chargeIds.length) this.logger.warn(`${chargeIds.length - settled} charges were released meanwhile`)
      return true
    } catch (error) {
      this.logger.warn(`${chargeIds.length} charges are not settled yet: ${String(error)}`)
      return false
    }
  }
}
