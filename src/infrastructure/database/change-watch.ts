import type { Logger } from '@nestjs/common'
import type { Notifications } from './notifications.js'

/** Reads again as often where PostgreSQL sends no notifications for now. */
const POLL_MS = 1_000

/** Reads what is kept in memory again when PostgreSQL tells of a change: every instance has it within a second. */
export class ChangeWatch {
  private timer?: NodeJS.Timeout
  private stopListening?: () => void

  constructor(
    private readonly notifications: Notifications,
    private readonly channel: string,
    private readonly reload: () => Promise<unknown>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.stopListening = this.notifications.listen(this.channel, () => this.reloadLater())
    this.timer = setInterval(() => {
      if (!this.notifications.isListening()) this.reloadLater()
    }, POLL_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.stopListening?.()
  }

  private reloadLater(): void {
    this.reload().catch((error: Error) => this.logger.warn(`changes could not be read: ${error.message}`))
  }
}
