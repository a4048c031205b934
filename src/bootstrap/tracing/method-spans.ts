import { SpanKind, SpanStatusCode, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api'
import { AppError } from '../../common/errors/app-error.js'

type Method = (...args: unknown[]) => unknown

/** What is told of a method's calls. Never a key, a body or a parameter of a statement. */
export interface SpanOptions {
  name: string | ((args: unknown[]) => string)
  kind?: SpanKind
  attributes?: (args: unknown[]) => Attributes
  /** attributes that only the result tells */
  result?: (result: unknown) => Attributes
  /** true: begins a trace of its own; else there is a span only within another that is open */
  isRoot?: boolean
}

/** Puts a span around each call of a method of this object. */
export function traceMethod(service: object, method: string, options: SpanOptions, tracer: Tracer): void {
  const methods = service as Record<string, Method>
  const original = methods[method]!.bind(service)
  const { name, kind = SpanKind.INTERNAL, attributes, result, isRoot = false } = options
  methods[method] = (...args) => {
    // A timer that a request started goes on in the request's context; it is no part of its trace.
    if (!isRoot && !trace.getActiveSpan()?.isRecording()) return original(...args)
    const spanName = typeof name === 'string' ? name : name(args)
    return tracer.startActiveSpan(spanName, { kind, attributes: attributes?.(args), root: isRoot }, (span) =>
      within(span, () => original(...args), result),
    )
  }
}

/** What comes at once stays so: a guard that needs no promise gives none. */
function within(span: Span, work: () => unknown, attributesOf?: SpanOptions['result']): unknown {
  const succeed = (value: unknown): unknown => {
    if (attributesOf) span.setAttributes(attributesOf(value))
    span.end()
    return value
  }
  try {
    const result = work()
    return result instanceof Promise ? result.then(succeed, (error: unknown) => fail(span, error)) : succeed(result)
  } catch (error) {
    return fail(span, error)
  }
}

/** Without the error's words: those of an engine may hold values. */
function fail(span: Span, error: unknown): never {
  const type = error instanceof AppError ? error.code : error instanceof Error ? error.name : typeof error
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
  throw error
}
