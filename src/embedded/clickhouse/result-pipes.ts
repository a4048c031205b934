import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'

/** A named pipe that the engine writes a result into, whatever its format, while the front reads it. */
export interface ResultPipe {
  /** Relative to the folder of the pipes. */
  name: string
  output: Socket
  /** The engine is done: the output ends behind the bytes that are still in the pipe. */
  finish(): void
  /** Nobody wants the rest: it is thrown away, so that the engine does not wait for a reader for ever. */
  discard(): void
  /** Gives the pipe back. Only when the engine no longer writes into it. */
  release(): void
}

/**
 * Named pipes, made once. The engine's own streaming cuts a result into documents, each with its header and footer,
 * so that Parquet, JSON or CSVWithNames would come out broken; `INTO OUTFILE` a pipe writes one document, in flat
 * memory, as slowly as the client reads it.
 */
export class ResultPipes {
  private readonly free: string[]

  constructor(
    private readonly folder: string,
    count: number,
  ) {
    this.free = Array.from({ length: count }, (_, at) => `result-${at}`)
    const paths = this.free.map((name) => join(folder, name))
    paths.forEach((path) => rmSync(path, { force: true }))
    execFileSync('mkfifo', ['-m', '600', ...paths])
  }

  /** Throws when more pipes are open than were made. */
  open(): ResultPipe {
    const name = this.free.pop()
    if (name === undefined) throw new Error('No result pipe is free')
    const path = join(this.folder, name)
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    // A second reader, because the engine's open() blocks for ever when the first one has gone before it.
    const spare = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    // A pipe without a writer reads as ended: hold one until the engine is done.
    const finish = closeOnce(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    const output = readFrom(reader)
    let drain: Socket | undefined
    const discard = () => {
      output.destroy()
      drain ??= readFrom(spare).resume()
    }
    const release = () => {
      finish()
      discard()
      drain?.destroy()
      this.free.push(name)
    }
    return { name, output, finish, discard, release }
  }
}

function readFrom(descriptor: number): Socket {
  return new Socket({ fd: descriptor, readable: true, writable: false }).on('error', () => undefined)
}

function closeOnce(descriptor: number): () => void {
  let open = true
  return () => {
    if (open) closeSync(descriptor)
    open = false
  }
}
