import { Transform, type Readable, type TransformCallback, pipeline } from 'node:stream'

/** What the engine says of a failure; more is not worth keeping. */
const MAX_MESSAGE_BYTES = 16 * 1024

/**
 * A result that ends in an error when the engine failed in the middle of it. The engine then writes its exception behind
 * the bytes so far, between marks that carry the tag of the answer's header, and breaks the connection: neither the
 * exception nor an end that looks like one may reach a reader.
 *
 * @see https://clickhouse.com/docs/interfaces/http#http_response_codes_caveats
 */
export function wholeOrError(body: Readable, tag: string, translate: (error: Error) => Error): Readable {
  const cut = new ExceptionCut(tag, translate)
  // An error on either side is the other one's too; whoever reads hears of it.
  pipeline(body, cut, () => undefined)
  return cut
}

class ExceptionCut extends Transform {
  private readonly mark: Buffer
  /** bytes that may be the beginning of the mark */
  private held: Buffer = Buffer.alloc(0)
  private exception?: Buffer

  constructor(
    tag: string,
    private readonly translate: (error: Error) => Error,
  ) {
    super()
    this.mark = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.exception) return this.keep(chunk, done)
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : chunk
    const at = bytes.indexOf(this.mark)
    if (at >= 0) {
      this.exception = Buffer.alloc(0)
      this.push(bytes.subarray(0, at))
      return this.keep(bytes.subarray(at + this.mark.length), done)
    }
    const end = this.possibleMark(bytes)
    this.held = bytes.subarray(end)
    done(null, bytes.subarray(0, end))
  }

  override _flush(done: TransformCallback): void {
    if (this.exception) return done(this.failure())
    done(null, this.held)
  }

  /** The connection broke, which is what follows an exception. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!error) return done(null)
    done(this.exception ? this.failure() : this.translate(error))
  }

  private keep(chunk: Buffer, done: TransformCallback): void {
    this.exception = Buffer.concat([this.exception!, chunk]).subarray(0, MAX_MESSAGE_BYTES)
    done()
  }

  private failure(): Error {
    return this.translate(new Error(this.exception!.toString()))
  }

  /** Where a mark begins whose rest may be in the next chunk; the length when there is none. */
  private possibleMark(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.mark.length + 1); at < bytes.length; at++) {
      if (bytes[at] === this.mark[0] && this.mark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at
    }
    return bytes.length
  }
}
