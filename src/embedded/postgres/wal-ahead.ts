import { link, open, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import { Client } from 'pg'
import type { SystemUser } from './run-as.js'

const EVERY_MS = 500
/** Segments that lie ready beyond the current one: at rest, and while the log grows. */
const AHEAD_AT_REST = 1
const AHEAD_UNDER_LOAD = 4
const BLOCK_BYTES = 1024 * 1024
/** PostgreSQL removes files with this beginning when it starts. */
const TEMPORARY = 'xlogtemp.ahead'

export interface Cluster {
  data: string
  user: SystemUser | undefined
  connection: { host: string; port: number; user: string; database: string }
}

/**
 * Makes segments of the write-ahead log before they are needed. A server whose log has not yet come full circle fills each
 * new one with zeros when a commit reaches it: every other commit then waits for 16 MB to reach the disk. Made ready, it is
 * what PostgreSQL itself makes of segments that it recycles: a file of the next name that is there already.
 */
export class WalAhead {
  private readonly logger = new Logger('EmbeddedPostgres')
  private readonly stopping = new AbortController()
  private readonly ended: Promise<void>
  private first?: string

  constructor(private readonly cluster: Cluster) {
    this.ended = this.keep()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.ended
  }

  private async keep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // The server may be away for a moment; a segment that is not ready costs time and nothing else.
      await this.whileConnected().catch((error: unknown) => this.logger.debug(`WAL ahead: ${String(error)}`))
      await this.pause()
    }
  }

  private async whileConnected(): Promise<void> {
    const client = new Client({ ...this.cluster.connection, application_name: 'countinghouse WAL ahead' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      while (!this.stopping.signal.aborted) {
        const { rows } = await client.query<{ name: string }>(
          'SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name',
        )
        await this.prepareBehind(rows[0]!.name)
        await this.pause()
      }
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  private async prepareBehind(current: string): Promise<void> {
    this.first ??= current
    const { size } = await stat(this.path(current))
    let name = current
    for (let left = current === this.first ? AHEAD_AT_REST : AHEAD_UNDER_LOAD; left > 0; left--) {
      name = nextSegment(name, size)
      if (this.stopping.signal.aborted) return
      if (!(await exists(this.path(name)))) await this.prepare(name, size)
    }
  }

  /** The name is the last thing that a segment gets, and it never replaces a file that PostgreSQL has made meanwhile. */
  private async prepare(name: string, size: number): Promise<void> {
    const temporary = this.path(TEMPORARY)
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await fillWithZeros(file, size)
      if (this.cluster.user) await file.chown(this.cluster.user.uid, this.cluster.user.gid)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, this.path(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await rm(temporary)
    await syncFolder(this.path())
  }

  private path(name = ''): string {
    return join(this.cluster.data, 'pg_wal', name)
  }

  private async pause(): Promise<void> {
    await sleep(EVERY_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined)
  }
}

/** Three numbers of eight hex digits: timeline, and the number of the segment in units of 4 GB and the rest. */
export function nextSegment(name: string, segmentBytes: number): string {
  const perUnit = 0x1_0000_0000n / BigInt(segmentBytes)
  const number = BigInt(`0x${name.slice(8, 16)}`) * perUnit + BigInt(`0x${name.slice(16)}`) + 1n
  return name.slice(0, 8) + hex(number / perUnit) + hex(number % perUnit)
}

function hex(number: bigint): string {
  return number.toString(16).toUpperCase().padStart(8, '0')
}

async function fillWithZeros(file: FileHandle, size: number): Promise<void> {
  const block = Buffer.alloc(BLOCK_BYTES)
  for (let written = 0; written < size; written += BLOCK_BYTES) await file.write(block, 0, BLOCK_BYTES, written)
}

/** So that the name outlives a power failure too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
