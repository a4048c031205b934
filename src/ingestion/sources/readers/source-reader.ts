import type { Readable } from 'node:stream'
import type { FoundObject, KnownObject } from '../source.js'

/** An object whose bytes are on their way. */
export interface OpenedObject {
  /** as it is now, which may be newer than when it was found */
  found: FoundObject
  fileName: string
  contentType: string
  contentEncoding?: string
  expectedBytes?: number
  stream: Readable
  /** Call it behind the last byte: throws UnsettledObjectError when somebody wrote to it meanwhile. */
  ensureWhole: () => Promise<void>
  /** Also in the middle of its bytes. */
  close: () => Promise<void>
}

/** One type of source. Its failures are SourceError. */
export interface SourceReader {
  /** What is there, page by page, in the order in which it is to be loaded. */
  list(): AsyncIterable<FoundObject[]>
  /** undefined: it is as it was when `known` was loaded, or is gone. */
  open(object: FoundObject, known: KnownObject | undefined): Promise<OpenedObject | undefined>
  close(): void
}

/** The last part of a path, for the name of a file. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
