import { parseError } from '@clickhouse/client'

/** What ClickHouse says of a failure; more is not worth keeping. */
const MAX_MESSAGE_BYTES = 16 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Tells a result's bytes from an exception. An engine that fails in the middle of a result writes its exception behind
 * the bytes so far, between marks that carry the tag of the answer's header, and breaks the connection: neither the
 * exception nor an end that looks like one may reach a reader.
 *
 * @see https://clickhouse.com/docs/interfaces/http#http_response_codes_caveats
 */
export class ExceptionCut {
  private readonly mark?: Buffer
  /** bytes that may be the beginning of the mark */
  private held = NOTHING
  private exception?: Buffer

  /** Without a tag there is no mark, and all is result; where the `answer` is an exception from its beginning, none is. */
  constructor(tag: string | undefined, answer: 'result' | 'exception') {
    if (tag) this.mark = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`)
    if (answer === 'exception') this.exception = NOTHING
  }

  /** What is known to be the result's, as a view of `chunk` or as memory of its own. Keeps no view of `chunk`. */
  pass(chunk: Buffer): Buffer {
    if (this.exception) return this.keep(chunk)
    if (!this.mark) return chunk
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : chunk
    const at = bytes.indexOf(this.mark)
    if (at >= 0) {
      this.keep(bytes.subarray(at + this.mark.length))
      return bytes.subarray(0, at)
    }
    const end = possibleMark(bytes, this.mark)
    this.held = Buffer.from(bytes.subarray(end))
    return bytes.subarray(0, end)
  }

  /** At the end of the result: its last bytes, which were no mark. */
  rest(): Buffer {
    return this.held
  }

  /** The exception so far. */
  get failure(): Error | undefined {
    return this.exception && parseError(this.exception.toString())
  }

  private keep(chunk: Buffer): Buffer {
    this.exception = Buffer.concat([this.exception ?? NOTHING, chunk.subarray(0, MAX_MESSAGE_BYTES)])
    this.exception = this.exception.subarray(0, MAX_MESSAGE_BYTES)
    return NOTHING
  }
}

/** Where a mark begins whose rest may be in the next chunk; the length when there is none. */
function possibleMark(bytes: Buffer, mark: Buffer): number {
  for (let at = Math.max(0, bytes.length - mark.length + 1); at < bytes.length; at++) {
    if (bytes[at] === mark[0] && mark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at
  }
  return bytes.length
}
