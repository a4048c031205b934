import { ConsoleLogger, Logger } from '@nestjs/common'
import { config } from 'dotenv'
import { DataDirInUseError, startEmbeddedEngines } from '../src/infrastructure/embedded/embedded-engines.js'
import { onStopSignal } from '../src/bootstrap/stop-signal.js'

// Runs the embedded engines alone, so that several API and worker processes can share them: see docs/operations.md.

/** The two lines on stdout are for programs; whatever else there is to say goes to stderr. */
class StderrLogger extends ConsoleLogger {
  protected override printMessages(...[messages, context, level]: Parameters<ConsoleLogger['printMessages']>): void {
    super.printMessages(messages, context, level, 'stderr')
  }
}

async function main(): Promise<void> {
  config({ quiet: true })
  Logger.overrideLogger(new StderrLogger({ logLevels: ['log', 'warn', 'error', 'fatal'] }))
  const stopped = new Promise<void>((stop) => onStopSignal(['SIGTERM', 'SIGINT', 'SIGHUP'], stop))
  const dataDir = process.env.DATA_DIR ?? './data'
  const engines = await startEmbeddedEngines({ dataDir, postgres: true, clickhouse: true })
  console.log(`POSTGRES_URL=${engines.postgresUrl}\nCLICKHOUSE_URL=${engines.clickhouseUrl}`)
  await stopped
  await engines.stop()
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof DataDirInUseError ? error.message : error)
    process.exit(1)
  },
)
