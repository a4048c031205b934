import { setTimeout as sleep } from 'node:timers/promises'
import { lowerPriority } from '../lower-priority.js'
import { CLICKHOUSE_USER, configureEngine, EngineConfiguration } from './engine-configuration.js'
import { runClickHouseLocal } from './engine-library.js'

// The program of the engine's process. It serves until its parent says stop, or is no more.

const READY_POLL_MS = 10
const STOP_TIMEOUT_MS = 5_000
const STOP_POLL_MS = 20

function endNow(): void {
  // Not process.exit: that would wait for the engine's thread. Nothing is lost by a kill: an insert that was
  // acknowledged is on disk.
  process.kill(process.pid, 'SIGKILL')
}

async function ask({ port, password }: EngineConfiguration, body: string): Promise<string> {
  const headers = { 'X-ClickHouse-User': CLICKHOUSE_USER, 'X-ClickHouse-Key': password }
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(await response.text())
  return response.text()
}

/** With the password, so that no other engine that took the port can pass for this one. */
async function untilItAnswers(configuration: EngineConfiguration): Promise<void> {
  const isReady = () => ask(configuration, 'SELECT 1').catch(() => undefined)
  while ((await isReady()) === undefined) await sleep(READY_POLL_MS)
}

async function untilIdle(configuration: EngineConfiguration): Promise<void> {
  const count = `SELECT count() FROM system.processes WHERE user = '${CLICKHOUSE_USER}'`
  const itself = 1
  while (Number(await ask(configuration, count)) > itself) await sleep(STOP_POLL_MS)
}

function obeyParent(configuration: EngineConfiguration): void {
  process.on('disconnect', endNow)
  process.on('message', () => {
    setTimeout(endNow, STOP_TIMEOUT_MS)
    void untilIdle(configuration).then(endNow, endNow)
  })
  // A Ctrl-C in the terminal reaches the whole process group; the parent decides when the engine may go.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
}

async function main(configuration: EngineConfiguration): Promise<void> {
  obeyParent(configuration)
  await lowerPriority()
  const args = await configureEngine(configuration)
  void runClickHouseLocal(args).then(
    (error) => {
      console.error(error ?? 'The engine ended')
      endNow()
    },
    (error: unknown) => {
      console.error(error)
      endNow()
    },
  )
  await untilItAnswers(configuration)
  process.send?.('ready')
}

process.once('message', (configuration: EngineConfiguration) => void main(configuration))
