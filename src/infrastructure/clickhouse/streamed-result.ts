import { HTTPParser, type OnHeadersCompleteParser } from 'http-parser-js'
import { ServerResponse } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { connect as connectSecurely, TLSSocket } from 'node:tls'
import { BufferPool } from './buffer-pool.js'
import { ExceptionCut } from './exception-cut.js'
import type { StatementRequest } from './statement-request.js'
import { QueryTimeoutError, ReaderStalledError } from './clickhouse.errors.js'

/** A reader who takes nothing for so long is not waited for. */
const READER_PAUSE_MS = 15 * 60_000
/** An engine whose reader paused for so long may have given up sending: by default it waits for 30 s. */
const LONG_PAUSE_MS = 20_000

export interface ResultOptions {
  /** no byte of ClickHouse for so long, while it is waited for, is a failure (504) */
  silenceMs: number
  signal?: AbortSignal
  /** ClickHouse's, the parser's and the connection's errors as those that readers see */
  translate: (error: Error) => Error
}

type Head = Parameters<OnHeadersCompleteParser>[0]

/**
 * The result of one statement, while ClickHouse still works on it, on a connection of its own. It ends only when it is
 * whole; a failure in its middle is its error.
 *
 * Whoever reads it gets bytes to keep. Only `pipe` to a response of Node's server hands on the memory that the connection
 * is read into, and reads into it again when it has been written: nothing is allocated for a byte that passes through.
 * Node's own client allocates twice for it. 'data' is not emitted then.
 */
export class StreamedResult extends Readable {
  private readonly parser = new HTTPParser(HTTPParser.RESPONSE)
  private readonly ring = new BufferPool()
  private readonly socket: Socket
  private cut?: ExceptionCut
  private isWhole = false
  private isReaderBehind = false
  private behindSinceMs = 0
  private hasPausedLong = false
  private response?: ServerResponse

  /** Resolves with the first bytes of the result, or its end; an error before that is thrown. */
  static open(request: StatementRequest, options: ResultOptions): Promise<StreamedResult> {
    return new Promise((resolve, reject) => {
      const result = new StreamedResult(request, options, () => resolve(result))
      // It also stands for the reader that there is not yet: an error that nobody listens to would end the process.
      result.once('error', reject)
    })
  }

  private constructor(
    request: StatementRequest,
    private readonly options: ResultOptions,
    private readonly onOpen: () => void,
  ) {
    super()
    this.parser[HTTPParser.kOnHeadersComplete] = (head) => this.begin(head)
    this.parser[HTTPParser.kOnBody] = (chunk) => this.deliver(this.cut!.pass(chunk))
    this.parser[HTTPParser.kOnMessageComplete] = () => this.complete()
    this.socket = request.secure ? this.connectSecurely(request) : this.connect(request)
    this.socket.setTimeout(options.silenceMs, () => this.tooLate())
    this.socket.on('error', (error) => this.fail(error))
    this.socket.on('close', () => this.fail(new Error('the connection to ClickHouse closed too soon')))
    this.socket.write(request.bytes)
    this.listenForAbort(options.signal)
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    const isUnread = this.readableFlowing === null && options?.end !== false
    // TLS decrypts into memory of its own.
    if (!(destination instanceof ServerResponse) || !isUnread || this.socket instanceof TLSSocket) {
      return super.pipe(destination, options)
    }
    // What came before somebody asked for it.
    const first = this.read() as Buffer | null
    if (first) destination.write(first)
    this.response = destination
    if (destination.destroyed) this.destroy()
    destination.once('close', () => this.destroy())
    this.once('end', () => destination.end())
    // Nothing flows but the end.
    this.resume()
    this.readOn()
    return destination
  }

  override _read(): void {
    if (!this.response) this.readOn()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy()
    done(error)
  }

  private listenForAbort(signal: AbortSignal | undefined): void {
    const stop = (): void => this.fail(new Error('nobody waits for the result'))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    this.once('close', () => signal?.removeEventListener('abort', stop))
  }

  private connect({ host, port }: StatementRequest): Socket {
    const callback = (size: number, buffer: Uint8Array): boolean => this.consume((buffer as Buffer).subarray(0, size))
    return connect({ host, port, onread: { buffer: () => this.ring.next(), callback } })
  }

  private connectSecurely({ host, port }: StatementRequest): Socket {
    const socket = connectSecurely({ host, port, servername: isIP(host) ? '' : host })
    return socket.on('data', (bytes: Buffer) => {
      if (!this.consume(bytes)) socket.pause()
    })
  }

  /** Whether to read on at once. */
  private consume(bytes: Buffer): boolean {
    const parsed = this.parser.execute(bytes)
    if (parsed instanceof Error) this.fail(parsed)
    const hasRoom = this.response ? this.ring.hasSpare : this.readableLength < this.readableHighWaterMark
    this.setReaderBehind(!hasRoom)
    return hasRoom
  }

  private readOn(): void {
    // Of what was read at once, some may still be on its way out.
    if (this.response && !this.ring.hasSpare) return
    this.setReaderBehind(false)
    this.socket.resume()
  }

  /** ClickHouse cannot send while the reader does not take: that time is not its own. */
  private setReaderBehind(isReaderBehind: boolean): void {
    if (isReaderBehind === this.isReaderBehind) return
    this.notePause()
    this.isReaderBehind = isReaderBehind
    if (isReaderBehind) this.behindSinceMs = performance.now()
    this.socket.setTimeout(isReaderBehind ? READER_PAUSE_MS : this.options.silenceMs)
  }

  private notePause(): void {
    if (this.isReaderBehind && performance.now() - this.behindSinceMs > LONG_PAUSE_MS) this.hasPausedLong = true
  }

  private tooLate(): void {
    this.fail(this.isReaderBehind ? new ReaderStalledError() : new QueryTimeoutError())
  }

  private begin({ statusCode, headers }: Head): void {
    const names = headers.map((text, index) => (index % 2 ? '' : text.toLowerCase()))
    const valueOf = (name: string): string | undefined =>
      names.includes(name) ? headers[names.indexOf(name) + 1] : undefined
    const isResult = statusCode === 200 && !valueOf('x-clickhouse-exception-code')
    this.cut = new ExceptionCut(valueOf('x-clickhouse-exception-tag'), isResult ? 'result' : 'exception')
  }

  private deliver(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.onOpen()
    if (!this.response) return void this.push(Buffer.from(bytes))
    const release = this.ring.hold()
    this.response.write(bytes, (error) => {
      if (error) return this.destroy()
      release()
      this.readOn()
    })
  }

  private complete(): void {
    const { failure } = this.cut!
    if (failure) return this.fail(failure)
    this.deliver(this.cut!.rest())
    this.onOpen()
    this.isWhole = true
    this.push(null)
    this.socket.destroy()
  }

  private fail(error: Error): void {
    // What ClickHouse said explains why the connection broke.
    if (this.isWhole) return
    this.notePause()
    const translated = this.options.translate(this.cut?.failure ?? error)
    this.destroy(this.hasPausedLong ? new ReaderStalledError(translated) : translated)
  }
}
