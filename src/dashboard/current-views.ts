import { Injectable } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { CoalescedRead } from '../datasets/coalesced-read.js'
import { ViewsRepository, type ViewsPosition } from './views.repository.js'
import { ViewsService } from './views.service.js'

/** The longest that a report waits for the views to follow a change. */
const MAX_WAIT_MS = 3_000
/** Where a refresh takes longer than this, waiting for one is in vain. */
const SKIP_WAIT_MS = 10_000
const LOOK_AGAIN_MS = 20

/**
 * Which refresh a report is read from. Who asks behind a change (a load, a deletion, an order that was answered) waits for
 * the refresh that follows it, as long as that is quick; else they get the views as they are. Nobody waits for a lock, and
 * nobody for views that have been behind for longer than MAX_WAIT_MS: what holds them up is no matter of a moment.
 */
@Injectable()
export class CurrentViews {
  private readonly positions: CoalescedRead<ViewsPosition>
  private behind?: { refresh: number; sinceMs: number }

  constructor(
    repository: ViewsRepository,
    private readonly views: ViewsService,
  ) {
    this.positions = new CoalescedRead(() => repository.position())
  }

  async position(): Promise<ViewsPosition> {
    const atRequest = await this.positions.get()
    const requestedAtMs = performance.now()
    let wanted: number | undefined
    for (let now = atRequest; ; now = await this.nextPosition()) {
      // Only when the orders from before the request are in the dataset, its version tells what to wait for.
      if (!hasPendingUpTo(now, atRequest.newestPending)) wanted ??= now.version
      if (wanted !== undefined && now.shownVersion >= wanted) return this.caughtUp(now)
      if (now.tookMs > SKIP_WAIT_MS || performance.now() - requestedAtMs > MAX_WAIT_MS || this.isStuck(now)) return now
      if (wanted !== undefined) this.views.refreshSoon()
    }
  }

  private async nextPosition(): Promise<ViewsPosition> {
    await sleep(LOOK_AGAIN_MS)
    return this.positions.get()
  }

  private caughtUp(now: ViewsPosition): ViewsPosition {
    this.behind = undefined
    return now
  }

  private isStuck({ refresh }: ViewsPosition): boolean {
    const nowMs = performance.now()
    if (this.behind?.refresh !== refresh) this.behind = { refresh, sinceMs: nowMs }
    return nowMs - this.behind.sinceMs > MAX_WAIT_MS
  }
}

function hasPendingUpTo({ oldestPending }: ViewsPosition, newest: number | null): boolean {
  return oldestPending !== null && newest !== null && oldestPending <= newest
}
