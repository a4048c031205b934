import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { OpenedObject } from '../readers/source-reader.js'
import { SourceError, UnchangedContentError } from '../source.errors.js'

/** An object's bytes as an upload takes them. */
export interface ObjectStream {
  stream: Readable
  /** Call it behind the last byte: throws where the object is not to be loaded after all. */
  check: () => Promise<void>
  /** of the bytes, in hex; undefined before their end, and where nobody needs it */
  sha256: () => string | undefined
}

export interface ObjectStreamOptions {
  /** content with this hash was loaded or refused before, so it is not loaded again */
  knownSha256: string | null
  needsHash: boolean
  signal: AbortSignal
}

/** The storage hashes as well, but behind `check`: this hash is only made where an earlier one is compared with it. */
export function objectStream(
  object: OpenedObject,
  { knownSha256, needsHash, signal }: ObjectStreamOptions,
): ObjectStream {
  const hash = needsHash || knownSha256 !== null ? createHash('sha256') : undefined
  let sha256: string | undefined
  const read = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const data of object.stream as AsyncIterable<Buffer>) {
        hash?.update(data)
        yield data
      }
    } catch (error) {
      // In words of our own: an upload takes a broken connection for its caller's fault.
      if (signal.aborted || error instanceof SourceError) throw error
      throw new SourceError('The file broke off before its end.', error)
    }
  }
  const stream = Readable.from(read(), { objectMode: false })
  // Where nobody reads it any more, the end of its source is no reason to end the process.
  stream.on('error', () => undefined)
  return {
    stream,
    check: async () => {
      sha256 = hash?.digest('hex')
      await object.ensureWhole()
      if (knownSha256 !== null && sha256 === knownSha256) throw new UnchangedContentError()
    },
    sha256: () => sha256,
  }
}
