import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseError } from 'pg'
import { PostgresClient } from '../../database/postgres-client.js'
import { RunningServer } from '../running-server.js'
import { SupervisedProgram, Supervisor } from '../supervisor.js'
import { stopOrphanedServer } from './orphaned-server.js'
import { killServer, serverProcesses } from './server-processes.js'
import { findPostgresBinaries, PostgresBinaries } from './postgres-binaries.js'
import { POSTGRES_ROLE, prepareCluster } from './postgres-cluster.js'
import { commandAs, postgresUser, SERVER_ENVIRONMENT, spawnIdentity, SystemUser } from './run-as.js'
import { openSocketFolder } from './socket-folder.js'

const STOP_TIMEOUT_MS = 10_000
const READY_POLL_MS = 20
const RESPONSE_TIMEOUT_MS = 10_000
// Of the socket's name; there is no TCP.
const PORT = 5432

// Durability stays as PostgreSQL ships it: fsync and synchronous_commit on.
export const SERVER_SETTINGS = {
  listen_addresses: '',
  port: String(PORT),
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '128MB',
  // Its default is no more than one segment of the log, and those are small here.
  wal_buffers: '4MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  // As much of the log is recycled rather than removed, so that a burst after a quiet time finds segments ready.
  min_wal_size: '512MB',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

interface PreparedServer {
  binaries: PostgresBinaries
  user: SystemUser | undefined
  data: string
  socketFolder: string
}

/** Starts the embedded PostgreSQL on a folder and keeps it running. Only a socket in a private folder reaches it. */
export async function startPostgres(folder: string): Promise<RunningServer> {
  const binaries = await findPostgresBinaries()
  const user = await postgresUser()
  const versionFolder = join(folder, String(binaries.majorVersion))
  const data = await prepareCluster(versionFolder, binaries, user)
  await stopOrphanedServer(data)
  const sockets = await openSocketFolder(versionFolder, user)
  const supervisor = new Supervisor(postgresProgram({ binaries, user, data, socketFolder: sockets.path }))
  const stop = async () => {
    await supervisor.stop()
    await sockets.remove()
  }
  await supervisor.start().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { url: socketUrl(sockets.path), stop }
}

function socketUrl(socketFolder: string): string {
  return `postgres://${POSTGRES_ROLE}@/postgres?host=${encodeURIComponent(socketFolder)}`
}

function postgresProgram(server: PreparedServer): SupervisedProgram {
  return {
    name: 'EmbeddedPostgres',
    spawn: async () => {
      // Before every start: processes of a crashed server may take a moment to go.
      await stopOrphanedServer(server.data)
      return spawnServer(server)
    },
    ready: (_child, signal) => untilItServes(server.socketFolder, signal),
    liveness: ({ pid = 0 }) => ({
      probe: () => probe(server.socketFolder),
      processes: () => serverProcesses(server.data),
      mainProcess: pid,
    }),
    kill: async (child) => {
      child.kill('SIGKILL')
      // Its backends outlive it when they are stopped or busy, and no other server may start beside them.
      await killServer(server.data)
    },
    // SIGINT is the fast shutdown: transactions are rolled back, and no client is waited for.
    askToStop: (child) => child.kill('SIGINT'),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  }
}

function spawnServer({ binaries, user, data, socketFolder }: PreparedServer) {
  const settings = Object.entries({ ...SERVER_SETTINGS, unix_socket_directories: `"${socketFolder}"` })
  const options = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [program, args] = commandAs(user, binaries.postgres, ['-D', data, ...options])
  // Detached: a Ctrl-C in the terminal must not stop it before the application has finished its requests.
  const stdio = ['ignore', 'ignore', 'pipe'] as const
  return spawn(program, args, {
    ...{ ...spawnIdentity(user), env: SERVER_ENVIRONMENT, cwd: '/' },
    ...{ detached: true, stdio: [...stdio] },
  })
}

async function untilItServes(socketFolder: string, signal: AbortSignal): Promise<void> {
  for (; ; await sleep(READY_POLL_MS)) {
    signal.throwIfAborted()
    const serves = await query(socketFolder).then(
      () => true,
      () => false,
    )
    if (serves) return
  }
}

/** By a new connection each time, because a postmaster that hangs still has backends that answer. */
async function probe(socketFolder: string): Promise<void> {
  await query(socketFolder).catch((error: unknown) => {
    if (!(error instanceof DatabaseError)) throw error
  })
}

async function query(socketFolder: string): Promise<void> {
  const client = new PostgresClient({
    ...{ host: socketFolder, port: PORT, user: POSTGRES_ROLE, database: 'postgres' },
    ...{ connectionTimeoutMillis: RESPONSE_TIMEOUT_MS, query_timeout: RESPONSE_TIMEOUT_MS },
    application_name: 'countinghouse liveness',
  })
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    // Not waited for: a server that hangs never says goodbye.
    void client.end().catch(() => undefined)
  }
}
