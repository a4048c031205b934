import type { ModuleRef } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'

/** OpenTelemetry traces of one process. */
export interface Tracing {
  /** A span for each request. Call it before all other hooks. */
  traceRequests(app: NestFastifyApplication): void
  /** Spans for guards, cache, charges, engines and ingestions, within those of their request or job. */
  traceServices(modules: ModuleRef): void
  /** Sends what has not been sent yet. */
  stop(): Promise<void>
}
