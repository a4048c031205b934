import { ConsoleLogger, Logger } from '@nestjs/common'
import { DataDirInUseError, startEmbeddedEngines } from './embedded/embedded-engines.js'

// Runs the embedded engines alone, so that several API and worker processes can share them: see API.md, Operations.

/** The two lines on stdout are for programs; whatever else there is to say goes to stderr. */
class StderrLogger extends ConsoleLogger {
  protected override printMessages(
    messages: unknown[],
    context = '',
    logLevel?: Parameters<Logger['localInstance']['log']>[0],
  ): void {
    super.printMessages(messages, context, logLevel as never, 'stderr')
  }
}

async function main(): Promise<void> {
  Logger.overrideLogger(new StderrLogger())
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
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
