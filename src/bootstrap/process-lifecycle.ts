import type { INestApplicationContext } from '@nestjs/common'
import { ConfigError } from './config/load-config.js'
import { DataDirInUseError } from './embedded/embedded-engines.js'
import { prepareRuntime, type Runtime } from './runtime.js'

/** API.md: a stop takes at most 30 s; what is not done by then is cut. */
const SHUTDOWN_LIMIT_MS = 25_000

/**
 * Starts the engines and what `start` builds on them, and ends the process in order on SIGTERM or SIGINT: stop
 * accepting, finish requests and chunks, flush logs, stop the engines, exit 0.
 */
export async function runProcess(start: (runtime: Runtime) => Promise<INestApplicationContext>): Promise<void> {
  let stopping: Promise<void> | undefined
  let app: INestApplicationContext | undefined
  let runtime: Runtime | undefined
  const stop = async (): Promise<void> => {
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref()
    // Failing to close one part must not keep the engines from being stopped cleanly.
    await app?.close().catch((error: unknown) => console.error(error))
    await runtime?.engines.stop()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void (stopping ??= stop()))
  try {
    runtime = await prepareRuntime()
    app = await start(runtime)
  } catch (error) {
    if (stopping) return
    console.error(messageOf(error))
    await runtime?.engines.stop()
    process.exit(1)
  }
}

/** What the operator can mend is said in plain words; anything else keeps its stack. */
function messageOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DataDirInUseError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
