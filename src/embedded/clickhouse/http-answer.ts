import { randomBytes } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { brotliCompress, createBrotliCompress, createDeflate, createGzip, deflate, gzip } from 'node:zlib'
import { asEngineException, EngineException } from './exceptions.js'
import { httpStatusOf } from './http-status.js'
import { contentTypeOf } from './output-formats.js'
import { QueryCounts, summaryHeader } from './summary.js'

interface Compression {
  name: string
  whole: (data: Uint8Array) => Promise<Buffer>
  stream: () => Duplex
}

// Level 3 is what a server uses.
const LEVEL = { level: 3 }
const COMPRESSIONS: Compression[] = [
  { name: 'gzip', whole: (data) => promisify(gzip)(data, LEVEL), stream: () => createGzip(LEVEL) },
  { name: 'deflate', whole: (data) => promisify(deflate)(data, LEVEL), stream: () => createDeflate(LEVEL) },
  { name: 'br', whole: (data) => promisify(brotliCompress)(data), stream: () => createBrotliCompress() },
]

/** What is known of an answer before its first byte. */
export interface AnswerHead {
  queryId: string
  engineVersion: string
  format?: string
  compress: boolean
}

/** Writes one answer: whole, as a stream, or as an exception. */
export class HttpAnswer {
  private readonly compression?: Compression

  constructor(
    request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly head: AnswerHead,
  ) {
    const accepted = head.compress ? String(request.headers['accept-encoding'] ?? '') : ''
    this.compression = COMPRESSIONS.find(({ name }) => accepted.includes(name))
  }

  async whole(body: Uint8Array, counts: QueryCounts): Promise<void> {
    const bytes = this.compression === undefined ? body : await this.compression.whole(body)
    this.setHeaders()
    this.response.setHeader('X-ClickHouse-Summary', summaryHeader(counts))
    this.response.setHeader('Content-Length', bytes.length)
    this.response.end(bytes)
  }

  /**
   * Sends chunks as fast as the client takes them. When they fail midway the exception follows them as a server
   * writes it, and the connection is cut: nobody can take a part for the whole.
   */
  async stream(chunks: AsyncIterable<Uint8Array>, counts: QueryCounts): Promise<void> {
    const tag = randomBytes(8).toString('hex')
    this.setHeaders()
    this.response.setHeader('X-ClickHouse-Summary', summaryHeader(counts))
    this.response.setHeader('X-ClickHouse-Exception-Tag', tag)
    let failed = false
    const guarded = withExceptionAtEnd(chunks, (error) => {
      failed = true
      return exceptionBlock(asEngineException(error), tag)
    })
    const source = Readable.from(guarded, { objectMode: false })
    if (this.compression === undefined) await pipeline(source, this.response, { end: false })
    else await pipeline(source, this.compression.stream(), this.response, { end: false })
    if (failed) this.response.socket?.destroySoon()
    else this.response.end()
  }

  exception(error: EngineException): void {
    const text = `${this.withVersion(error.message)}\n`
    this.response.statusCode = httpStatusOf(error.code)
    this.response.setHeader('X-ClickHouse-Query-Id', this.head.queryId)
    this.response.setHeader('X-ClickHouse-Exception-Code', error.code)
    this.response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
    this.response.setHeader('Content-Length', Buffer.byteLength(text))
    this.response.end(text)
  }

  private withVersion(message: string): string {
    return message.includes('(version ') ? message : `${message} (version ${this.head.engineVersion})`
  }

  private setHeaders(): void {
    const { format, queryId } = this.head
    this.response.setHeader('X-ClickHouse-Query-Id', queryId)
    this.response.setHeader('X-ClickHouse-Server-Display-Name', 'embedded')
    this.response.setHeader('X-ClickHouse-Timezone', Intl.DateTimeFormat().resolvedOptions().timeZone)
    this.response.setHeader('Content-Type', contentTypeOf(format ?? ''))
    if (format !== undefined) this.response.setHeader('X-ClickHouse-Format', format)
    if (this.compression !== undefined) this.response.setHeader('Content-Encoding', this.compression.name)
  }
}

async function* withExceptionAtEnd(
  chunks: AsyncIterable<Uint8Array>,
  block: (error: unknown) => Buffer,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    yield block(error)
  }
}

// The layout that clients look for: marker, tag, message, its length, and tag and marker again.
function exceptionBlock(error: EngineException, tag: string): Buffer {
  const message = `${error.message}\n`
  return Buffer.from(
    `\r\n__exception__\r\n${tag}\r\n${message}${Buffer.byteLength(message)} ${tag}\r\n__exception__\r\n`,
  )
}
