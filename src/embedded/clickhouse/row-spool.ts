import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * Puts the rows of an insert into files that the engine reads with `FROM INFILE`. Not into the statement's text: the
 * engine takes a line of the data that looks like SQL for the next statement and executes it. Besides, only a file
 * is parsed in parallel, memory stays flat, and an upload that breaks off inserts nothing.
 */
export class RowSpool {
  private written = 0

  constructor(private readonly folder: string) {}

  /** Writes the rows to a new file; gives its name in the folder. */
  async write(rows: AsyncIterable<Uint8Array>): Promise<string> {
    const name = `rows-${++this.written}`
    try {
      await pipeline(rows, createWriteStream(join(this.folder, name), { mode: 0o600, highWaterMark: 1024 * 1024 }))
      return name
    } catch (error) {
      await this.remove(name)
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true })
  }
}
