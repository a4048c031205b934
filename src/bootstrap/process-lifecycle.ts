import { setTimeout as sleep } from 'node:timers/promises'
import type { INestApplicationContext } from '@nestjs/common'
import { IncompatibleSchemaError } from '../common/errors/incompatible-schema.error.js'
import { ConfigError } from '../config/load-config.js'
import { UnfinishedRestoreError } from '../infrastructure/database/unfinished-restore.js'
import { DataDirInUseError } from '../infrastructure/embedded/embedded-engines.js'
import { prepareRuntime, type Runtime } from './runtime.js'
import { onStopSignal } from './stop-signal.js'

/** A stop ends within 30 s (docs/operations.md): what is not done after these is cut. */
const SHUTDOWN_LIMIT_MS = 25_000
/** A start that waits for a database ends with the process; the engines end by themselves then. */
const START_LIMIT_MS = 8_000

/**
 * Starts the engines and what `start` builds on them, then does `work` if there is any, and ends the process in order on
 * SIGTERM or SIGINT: finish the start if it has not, stop accepting, finish requests and chunks, flush logs, stop the
 * engines, exit 0.
 */
export async function runProcess(
  start: (runtime: Runtime) => Promise<INestApplicationContext>,
  work?: (app: INestApplicationContext, runtime: Runtime) => Promise<void>,
): Promise<void> {
  let stopping: Promise<void> | undefined
  let app: INestApplicationContext | undefined
  let runtime: Runtime | undefined
  const launch = async (): Promise<void> => {
    runtime = await prepareRuntime()
    if (!stopping) app = await start(runtime)
  }
  let launching: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref()
    await Promise.race([launching?.catch(() => undefined), sleep(START_LIMIT_MS)])
    // Failing to close one part must not keep the engines from being stopped cleanly.
    await app?.close().catch((error: unknown) => console.error(error))
    await runtime?.tracing?.stop()
    await runtime?.engines.stop()
    process.exit(0)
  }
  onStopSignal(['SIGTERM', 'SIGINT'], () => (stopping ??= stop()))
  try {
    await (launching = launch())
    if (!stopping) await work?.(app!, runtime!)
  } catch (error) {
    if (stopping) return
    console.error(messageOf(error))
    await runtime?.engines.stop()
    process.exit(1)
  }
}

const OPERATOR_ERRORS = [ConfigError, DataDirInUseError, IncompatibleSchemaError, UnfinishedRestoreError]

/** What the operator can correct is said in plain words; anything else keeps its stack. */
function messageOf(error: unknown): string {
  if (OPERATOR_ERRORS.some((type) => error instanceof type)) return (error as Error).message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
