import type { FileHandle } from 'node:fs/promises'

/**
 * Bytes pulled into memory that the reader owns, so that a file of any size is read with the same few buffers: each
 * buffer that is allocated outside the JavaScript heap brings a full garbage collection nearer.
 */
export interface ByteSource {
  /** Fills the front of `target`; gives how many bytes, 0 only at the end. */
  read(target: Buffer): Promise<number>
}

export function fileSource(file: FileHandle): ByteSource & { bytesRead: number } {
  return {
    bytesRead: 0,
    async read(target) {
      const { bytesRead } = await file.read(target, 0, target.length, null)
      this.bytesRead += bytesRead
      return bytesRead
    },
  }
}

export function streamSource(stream: AsyncIterable<Buffer>): ByteSource {
  const chunks = stream[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  return {
    async read(target) {
      while (rest.length === 0) {
        const next = await chunks.next()
        if (next.done) return 0
        rest = next.value
      }
      const taken = rest.copy(target)
      rest = rest.subarray(taken)
      return taken
    },
  }
}

/** `head` first, then what `source` gives. */
export function withHead(head: Buffer, source: ByteSource): ByteSource {
  let rest = head
  return {
    async read(target) {
      if (rest.length === 0) return source.read(target)
      const taken = rest.copy(target)
      rest = rest.subarray(taken)
      return taken
    },
  }
}
