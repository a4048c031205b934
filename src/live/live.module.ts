import { Module } from '@nestjs/common'
import { Config } from '../config/config.js'
import { IngestionModule } from '../ingestion/ingestion.module.js'
import { AuthModule } from '../auth/auth.module.js'
import { LiveAccess } from './live-access.js'
import { LiveHeartbeat } from './live-heartbeat.js'
import { LiveHub } from './live-hub.js'
import { LiveSockets } from './live-sockets.js'
import { LiveChangeListener } from './live-change-listener.js'
import { LiveController } from './live.controller.js'
import { FanOut, NoFanOut, RedisFanOut } from './metrics/metrics-fan-out.js'
import { MetricsController } from './metrics/metrics.controller.js'
import { MetricsRepository } from './metrics/metrics.repository.js'
import { MetricsService } from './metrics/metrics.service.js'

/** Metrics of events, and the live streams over WebSocket and server-sent events. */
@Module({
  imports: [IngestionModule, AuthModule],
  controllers: [LiveController, MetricsController],
  providers: [
    {
      provide: FanOut,
      inject: [Config],
      useFactory: ({ redisUrl }: Config): FanOut => (redisUrl ? new RedisFanOut(redisUrl) : new NoFanOut()),
    },
    LiveAccess,
    LiveHeartbeat,
    LiveHub,
    LiveSockets,
    LiveChangeListener,
    MetricsRepository,
    MetricsService,
  ],
})
export class LiveModule {}
