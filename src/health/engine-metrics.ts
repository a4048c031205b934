import { Injectable, type OnModuleInit } from '@nestjs/common'
import { observeGauge } from '../common/metrics/observed-gauge.js'
import { Database } from '../infrastructure/database/database.js'
import { JobQueue } from '../infrastructure/queue/job-queue.js'
import { HealthService, type EngineState } from './health.service.js'

/** What a scrape asks the engines, and how much of the connections to them is used. */
@Injectable()
export class EngineMetrics implements OnModuleInit {
  /** of the scrape that is going on: both gauges tell of the same requests */
  private asked?: Promise<EngineState[]>

  constructor(
    private readonly health: HealthService,
    private readonly database: Database,
    private readonly queue: JobQueue,
  ) {}

  onModuleInit(): void {
    this.showEngines()
    this.showPool()
    observeGauge({
      name: 'countinghouse_queue_messages',
      help: 'Messages that wait to be delivered; the broker counts those of all processes',
      labelNames: ['queue'],
      read: async () =>
        (await this.queue.depths()).map(({ queue, messages }) => ({ labels: { queue }, value: messages })),
    })
  }

  private showEngines(): void {
    observeGauge({
      name: 'countinghouse_engine_up',
      help: '1 when the engine answered a real query within 2 seconds, else 0',
      labelNames: ['engine'],
      read: async () => (await this.ask()).map(({ engine, isUp }) => ({ labels: { engine }, value: isUp ? 1 : 0 })),
    })
    observeGauge({
      name: 'countinghouse_engine_latency_seconds',
      help: 'How long the engine took to answer that query; absent while it is down',
      labelNames: ['engine'],
      read: async () => {
        const up = (await this.ask()).filter(({ isUp }) => isUp)
        return up.map(({ engine, seconds }) => ({ labels: { engine }, value: seconds }))
      },
    })
  }

  private showPool(): void {
    observeGauge({
      name: 'countinghouse_postgres_pool_connections',
      help: 'Connections to PostgreSQL that work (active) or wait for work (idle)',
      labelNames: ['state'],
      read: () => {
        const { active, idle } = this.database.poolUse()
        return [
          { labels: { state: 'active' }, value: active },
          { labels: { state: 'idle' }, value: idle },
        ]
      },
    })
    observeGauge({
      name: 'countinghouse_postgres_pool_max_connections',
      help: 'The most connections that the pool may open: POSTGRES_POOL_SIZE',
      read: () => this.database.poolUse().max,
    })
    observeGauge({
      name: 'countinghouse_postgres_pool_waiting_requests',
      help: 'Statements that wait for a connection of the pool',
      read: () => this.database.poolUse().waiting,
    })
  }

  private ask(): Promise<EngineState[]> {
    this.asked ??= this.health.engines().finally(() => (this.asked = undefined))
    return this.asked
  }
}
