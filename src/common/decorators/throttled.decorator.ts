import { RouteSettings } from './route-settings.decorator.js'

/** What requests are counted as: `reads` may be ten times as many as `queries`. */
export type ThrottleKind = 'queries' | 'reads'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `reads` when absent */
    throttle?: ThrottleKind | 'unlimited'
  }
}

/** Which of the rate limits counts a route; without it, a request counts as a read. */
export function Throttled(throttle: ThrottleKind | 'unlimited'): MethodDecorator {
  return RouteSettings({ throttle })
}
