import { Logger } from '@nestjs/common'
import type { ModuleRef } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { diag, DiagLogLevel, trace, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { traceRequests } from './request-spans.js'
import { traceServices } from './service-spans.js'
import type { Tracing } from './tracing.js'

const SERVICE_NAME = 'countinghouse'
/** A collector that hangs must not keep the process from ending. */
const STOP_TIMEOUT_MS = 3_000

/** The official SDK, with OTLP over HTTP as its way out. */
export class OpenTelemetryTracing implements Tracing {
  private constructor(
    private readonly provider: NodeTracerProvider,
    private readonly tracer: Tracer,
  ) {}

  static start(): OpenTelemetryTracing {
    logToNest()
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    const resource = defaultResource()
      .merge(resourceFromAttributes({ 'service.name': SERVICE_NAME }))
      .merge(detectResources({ detectors: [envDetector] }))
    const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())]
    const provider = new NodeTracerProvider({ resource, spanProcessors })
    provider.register()
    return new OpenTelemetryTracing(provider, trace.getTracer(SERVICE_NAME))
  }

  traceRequests(app: NestFastifyApplication): void {
    traceRequests(app, this.tracer)
  }

  traceServices(modules: ModuleRef): void {
    traceServices(modules, this.tracer)
  }

  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((done) => (timer = setTimeout(done, STOP_TIMEOUT_MS)))
    await Promise.race([this.provider.shutdown().catch(() => undefined), late])
    clearTimeout(timer)
  }
}

/** What the SDK complains of, such as a collector that is away. */
function logToNest(): void {
  const logger = new Logger('OpenTelemetry')
  const warn = (message: string): void => logger.warn(message)
  const ignore = (): void => undefined
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN)
}
