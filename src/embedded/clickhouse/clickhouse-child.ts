import { setTimeout as sleep } from 'node:timers/promises'
import { ChildSettings, readChildSettings } from './child-settings.js'
import { Engine } from './engine.js'
import { HttpFront } from './http-front.js'
import { QueryRunner } from './query-runner.js'

// The program of the engine's process. It serves until its parent says stop, or is no more.

const OPEN_TIMEOUT_MS = 10_000
const OPEN_RETRY_MS = 100
const STOP_TIMEOUT_MS = 5_000

/** A process that was just killed may hold the folder for some moments more. */
async function openEngine(settings: ChildSettings): Promise<Engine> {
  for (const deadline = Date.now() + OPEN_TIMEOUT_MS; ; await sleep(OPEN_RETRY_MS)) {
    try {
      return new Engine(settings.dataFolder, settings.serverArgs)
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

async function engineVersion(engine: Engine): Promise<string> {
  const session = engine.openSession()
  const { bytes } = await session.read('SELECT version()')
  session.close()
  return Buffer.from(bytes ?? [])
    .toString()
    .trim()
}

function endNow(): void {
  // Not process.exit: the engine aborts when static objects go while its threads still run. Nothing is lost by a
  // kill: an insert that was acknowledged is on disk.
  process.kill(process.pid, 'SIGKILL')
}

function obeyParent(front: HttpFront): void {
  process.on('disconnect', endNow)
  process.on('message', () => {
    front.server.close(endNow)
    front.server.closeIdleConnections()
    setTimeout(endNow, STOP_TIMEOUT_MS)
  })
  // A Ctrl-C in the terminal reaches the whole process group; the parent decides when the engine may go.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
}

async function main(): Promise<void> {
  const settings = readChildSettings()
  process.chdir(settings.workFolder)
  const engine = await openEngine(settings)
  const runner = new QueryRunner(engine, settings.workFolder, settings.slots)
  const front = new HttpFront({
    engine,
    engineVersion: await engineVersion(engine),
    runner,
    password: settings.password,
  })
  obeyParent(front)
  front.server.listen(settings.port, '127.0.0.1', () => process.send?.('ready'))
}

await main()
