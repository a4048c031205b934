import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { RunningServer } from '../running-server.js'
import type { LivenessSource } from '../liveness.js'
import { commandEndingWithParent, minimalEnvironment } from '../child-process.js'
import { SupervisedProgram, Supervisor } from '../supervisor.js'
import { CLICKHOUSE_USER, EngineConfiguration } from './engine-configuration.js'

const CHILD_PROGRAM = fileURLToPath(new URL('./clickhouse-child.js', import.meta.url))
const STOP_TIMEOUT_MS = 7_000
const START_ATTEMPTS = 20
const START_RETRY_MS = 250
// A process that was just killed holds the folder for some moments more, or another one took the port before us.
const PASSING_ERROR = /Cannot lock file|Address already in use/

/** Starts the embedded ClickHouse on a folder and keeps it running. The URL stays the same when it restarts. */
export async function startClickHouse(
  folder: string,
  { mayReadFiles = false }: { mayReadFiles?: boolean } = {},
): Promise<RunningServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Versions before this one put rows and results on their way there.
  await rm(join(folder, 'work'), { recursive: true, force: true })
  for (let attempt = 1; ; attempt++) {
    const password = randomBytes(24).toString('base64url')
    const configuration = { folder, port: await freePort(), password, mayReadFiles }
    const supervisor = new Supervisor(clickHouseProgram(configuration))
    try {
      await supervisor.start()
      const url = `http://${CLICKHOUSE_USER}:${password}@127.0.0.1:${configuration.port}`
      return { url, stop: () => supervisor.stop() }
    } catch (error) {
      if (attempt === START_ATTEMPTS || !PASSING_ERROR.test(String(error))) throw error
      await sleep(START_RETRY_MS)
    }
  }
}

function clickHouseProgram(configuration: EngineConfiguration): SupervisedProgram {
  return {
    name: 'EmbeddedClickHouse',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    spawn: async () => {
      const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const
      // The folder is there for whoever looks at `ps`; the rest is secret.
      const args = [CHILD_PROGRAM, configuration.folder]
      const [program, programArgs] = commandEndingWithParent('KILL', process.execPath, args)
      const child = spawn(program, programArgs, { stdio: [...stdio], detached: true, env: minimalEnvironment() })
      child.send(configuration)
      return child
    },
    ready: async (child) => {
      await once(child, 'message')
    },
    liveness: ({ pid = 0 }) => ({ probe: queryProbe(configuration), processes: async () => [pid], mainProcess: pid }),
    kill: async (child) => void child.kill('SIGKILL'),
    askToStop: (child) => child.send('stop'),
  }
}

/**
 * Any answer counts, an error message too. Over a connection that stays open: the engine's thread for it is there already
 * when all others are taken.
 */
function queryProbe({ port, password }: EngineConfiguration): LivenessSource['probe'] {
  const agent = new Agent({ keepAlive: true })
  const headers = { 'X-ClickHouse-User': CLICKHOUSE_USER, 'X-ClickHouse-Key': password }
  const options = { agent, host: '127.0.0.1', port, method: 'POST', headers }
  return (signal) =>
    new Promise((resolve, reject) => {
      const probe = request({ ...options, signal }, (answer) => answer.on('error', reject).on('end', resolve).resume())
      probe.on('error', reject).end('SELECT 1')
    })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
