import type { Config } from '../../config/config.js'
import type { Tracing } from './tracing.js'

/**
 * Undefined unless OTEL_EXPORTER_OTLP_ENDPOINT is set: nothing of OpenTelemetry is loaded then, and no service knows of
 * it. The SDK reads the other variables (OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER) itself.
 */
export async function startTracing({ otelExporterOtlpEndpoint }: Config): Promise<Tracing | undefined> {
  if (!otelExporterOtlpEndpoint) return undefined
  const { OpenTelemetryTracing } = await import('./open-telemetry.js')
  return OpenTelemetryTracing.start()
}
