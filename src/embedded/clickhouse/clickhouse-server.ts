import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { AddressInfo, createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RunningServer } from '../running-server.js'
import { SupervisedProgram, Supervisor } from '../supervisor.js'
import { childEnvironment, ChildSettings } from './child-settings.js'

const CHILD_PROGRAM = fileURLToPath(new URL('./clickhouse-child.js', import.meta.url))
const STOP_TIMEOUT_MS = 7_000
const PORT_ATTEMPTS = 3
const MEMORY_SHARE = 0.6

/** Starts the embedded ClickHouse on a folder and keeps it running. The URL stays the same when it restarts. */
export async function startClickHouse(folder: string): Promise<RunningServer> {
  const workFolder = join(folder, 'work')
  await rm(workFolder, { recursive: true, force: true })
  await mkdir(workFolder, { recursive: true, mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    const settings = await childSettings(folder, workFolder)
    const supervisor = new Supervisor(clickHouseProgram(settings))
    try {
      await supervisor.start()
      const url = `http://default:${settings.password}@127.0.0.1:${settings.port}`
      return { url, stop: () => supervisor.stop() }
    } catch (error) {
      // Between our look and the child's, another program may take the port.
      if (attempt === PORT_ATTEMPTS || !String(error).includes('EADDRINUSE')) throw error
    }
  }
}

async function childSettings(folder: string, workFolder: string): Promise<ChildSettings> {
  return {
    dataFolder: join(folder, 'data'),
    workFolder,
    port: await freePort(),
    password: randomBytes(24).toString('base64url'),
    slots: Math.max(4, availableParallelism() * 2),
    serverArgs: [`--max_server_memory_usage=${Math.floor(usableMemory() * MEMORY_SHARE)}`],
  }
}

/** Bytes. In a container its limit counts, not the machine. */
function usableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity)
}

function clickHouseProgram(settings: ChildSettings): SupervisedProgram {
  return {
    name: 'EmbeddedClickHouse',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    spawn: async () =>
      spawn(process.execPath, [CHILD_PROGRAM], {
        env: childEnvironment(settings),
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        detached: true,
      }),
    ready: async (child) => {
      await once(child, 'message')
    },
    askToStop: (child) => child.send('stop'),
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
