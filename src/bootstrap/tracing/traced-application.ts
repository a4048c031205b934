import type { DynamicModule } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { Tracing } from './tracing.js'

class TracedApplication {}

/**
 * The application with its services traced before any of them begins to work: that is from onApplicationBootstrap on, when
 * a worker takes up the jobs that wait.
 */
export function traced(application: DynamicModule, tracing: Tracing | undefined): DynamicModule {
  if (!tracing) return application
  const onModuleInit = {
    provide: TracedApplication,
    inject: [ModuleRef],
    useFactory: (modules: ModuleRef) => ({ onModuleInit: () => tracing.traceServices(modules) }),
  }
  return { module: TracedApplication, imports: [application], providers: [onModuleInit] }
}
