import { Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import { Notifications } from '../infrastructure/database/notifications.js'
import type { IngestionResponse } from '../ingestion/ingestions.dto.js'
import { IngestionsService } from '../ingestion/ingestions.service.js'
import { CATALOG_CHANNEL } from '../catalog/catalog-events.js'
import { DASHBOARD_PARTS } from './live-frame.js'
import { LiveHub } from './live-hub.js'

/** Triggers write `ingestion:<id>` and `dashboard:<what>` here (migrations/postgres, live), whichever process it was. */
const LIVE_CHANNEL = 'countinghouse_live'
/** Changes of jobs that come closer together are read at once. */
const GATHER_MS = 80
const LATEST_JOBS = 20

/** Brings into the live streams what changes in PostgreSQL: jobs, and what dashboards show. */
@Injectable()
export class LiveChangeListener implements OnModuleInit {
  private readonly logger = new Logger('Realtime')
  private readonly latest = new Map<string, IngestionResponse>()
  private changedIds = new Set<string>()
  private timer?: NodeJS.Timeout
  private loading = 0

  constructor(
    private readonly hub: LiveHub,
    private readonly ingestions: IngestionsService,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.hub.showIngestions(() => [...this.latest.values()].sort((a, b) => (a.id < b.id ? 1 : -1)))
    this.notifications.listen(CATALOG_CHANNEL, () => this.hub.dashboardChanged('catalog'))
    this.notifications.listen(LIVE_CHANNEL, (payload) => this.changed(payload))
  }

  /** Reads the latest jobs; before somebody joins whose snapshot shows them. */
  async loadIngestions(): Promise<void> {
    this.loading++
    try {
      const { data } = await this.ingestions.list({ limit: LATEST_JOBS, offset: 0 })
      for (const job of data.reverse()) this.keep(job)
    } finally {
      this.loading--
    }
  }

  /** An empty payload: messages may have been missed. */
  private changed(payload: string): void {
    const [kind, what] = payload.split(':')
    if (kind === 'ingestion') this.ingestionChanged(what!)
    else if (kind === 'dashboard') this.dashboardChanged(what!)
    else this.allMayHaveChanged()
  }

  private allMayHaveChanged(): void {
    for (const part of ['transactions', 'views'] as const) this.hub.dashboardChanged(part)
    for (const id of this.latest.keys()) this.ingestionChanged(id)
  }

  /** Every dataset tells of its changes here, those that do not exist for all readers too. */
  private dashboardChanged(name: string): void {
    const part = DASHBOARD_PARTS.find((each) => each === name)
    if (part) this.hub.dashboardChanged(part)
  }

  private ingestionChanged(id: string): void {
    // Nobody sees them; who comes reads them anew.
    if (this.loading === 0 && !this.hub.hasJobReaders()) return
    this.changedIds.add(id)
    this.timer ??= setTimeout(() => void this.readChanged(), GATHER_MS).unref()
  }

  private async readChanged(): Promise<void> {
    this.timer = undefined
    const ids = [...this.changedIds]
    this.changedIds.clear()
    try {
      for (const job of await this.ingestions.getAll(ids)) {
        this.keep(job)
        this.hub.ingestionChanged(job.id, job)
      }
    } catch (error) {
      this.logger.warn(`changes of ingestions are shown late: ${(error as Error).message}`)
    }
  }

  /** The ids are in the order of their creation. */
  private keep(job: IngestionResponse): void {
    this.latest.set(job.id, job)
    const ids = [...this.latest.keys()].sort()
    for (const id of ids.slice(0, Math.max(0, ids.length - LATEST_JOBS))) this.latest.delete(id)
  }
}
