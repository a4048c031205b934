import type { ModuleRef } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Config } from '../../config/config.js'

/** OpenTelemetry traces of one process. */
export interface Tracing {
  /** A span for each request. Call it before all other hooks. */
  traceRequests(app: NestFastifyApplication): void
  /** Spans for guards, cache, charges, engines and ingestions, within those of their request or job. */
  traceServices(modules: ModuleRef): void
  /** Sends what has not been sent yet. */
  stop(): Promise<void>
}

/**
 * Undefined unless OTEL_EXPORTER_OTLP_ENDPOINT is set: nothing of OpenTelemetry is loaded then, and no service knows of
 * it. The SDK reads the other variables (OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER) itself.
 */
export async function startTracing({ otelExporterOtlpEndpoint }: Config): Promise<Tracing | undefined> {
  if (!otelExporterOtlpEndpoint) return undefined
  const { OpenTelemetryTracing } = await import('./open-telemetry.js')
  return OpenTelemetryTracing.start()
}
