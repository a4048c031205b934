import { randomUUID } from 'node:crypto'
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http'
import { authorize } from './authorization.js'
import { Engine } from './engine.js'
import { EngineResult, EngineWriteResult } from './engine-addon.js'
import { asEngineException } from './exceptions.js'
import { AnswerHead, HttpAnswer } from './http-answer.js'
import { countRows } from './output-formats.js'
import { QueryRequest, readQueryRequest, urlParameters } from './query-request.js'
import { QueryRunner, StreamedResult } from './query-runner.js'
import { SelectStatement } from './sql-statement.js'
import { QueryCounts } from './summary.js'

export interface HttpFrontOptions {
  engine: Engine
  engineVersion: string
  runner: QueryRunner
  password: string
}

// A result up to this size is answered whole: with its counts, its length and, if it fails, a clean status.
const WHOLE_RESULT_BYTES = 64 * 1024
const MAX_HEADER_BYTES = 1024 * 1024
const NOTHING = new Uint8Array(0)

/** The ClickHouse HTTP interface on an engine: what @clickhouse/client uses of it. */
export class HttpFront {
  readonly server: Server

  constructor(private readonly options: HttpFrontOptions) {
    this.server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 30_000, requestTimeout: 0 })
    this.server.on('request', (request, response) => void this.handle(request, response))
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0]
    if (path === '/ping') return this.ping(response)
    if (path === '/') return this.query(request, response)
    response.writeHead(404).end(`There is no handle ${path}\n`)
  }

  private async ping(response: ServerResponse): Promise<void> {
    const session = this.options.engine.openSession()
    try {
      await session.read('SELECT 1')
      response.end('Ok.\n')
    } catch (error) {
      response.writeHead(503).end(String(error))
    } finally {
      session.close()
    }
  }

  private async query(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const head: AnswerHead = { queryId: randomUUID(), engineVersion: this.options.engineVersion, compress: false }
    try {
      const parameters = urlParameters(request)
      head.queryId = parameters.queryId ?? head.queryId
      authorize(request, parameters, this.options.password)
      head.compress = parameters.compressResponse
      const query = await readQueryRequest(request, parameters)
      await this.run(query, (format) => new HttpAnswer(request, response, { ...head, format }), gone.signal)
    } catch (error) {
      if (response.headersSent || gone.signal.aborted) response.destroy()
      else new HttpAnswer(request, response, head).exception(asEngineException(error))
    }
  }

  private async run(
    query: QueryRequest,
    answerIn: (format?: string) => HttpAnswer,
    signal: AbortSignal,
  ): Promise<void> {
    const { statement } = query
    if (statement.kind === 'write' || statement.kind === 'insert-with-data') {
      return answerIn().whole(NOTHING, writeCounts(await this.options.runner.write(query, signal)))
    }
    const answer = answerIn(this.options.runner.formatOf(query))
    if (statement.kind === 'other') return this.readWhole(query, statement.sql, answer, signal)
    if (!query.parameters.waitEndOfQuery) return this.readStreamed(query, statement, answer, signal)
    return this.readWhole(query, statement.head + statement.tail, answer, signal)
  }

  private async readWhole(query: QueryRequest, sql: string, answer: HttpAnswer, signal: AbortSignal): Promise<void> {
    const result = await this.options.runner.read(query, sql, signal)
    const bytes = result.bytes ?? NOTHING
    await answer.whole(bytes, this.countsOf(query, result, bytes))
  }

  private async readStreamed(
    query: QueryRequest,
    statement: SelectStatement,
    answer: HttpAnswer,
    signal: AbortSignal,
  ): Promise<void> {
    await this.options.runner.stream(query, statement, signal, async (result) => {
      const start = await readStart(result.output)
      if (!start.ended) return answer.stream(allChunks(start, result), { elapsedSeconds: 0 })
      const bytes = Buffer.concat(start.chunks)
      await answer.whole(bytes, this.countsOf(query, await result.done, bytes))
    })
  }

  private countsOf(query: QueryRequest, result: EngineResult, bytes: Uint8Array): QueryCounts {
    return {
      // What the engine's addon calls rows read are the rows of the result; it does not tell the rows scanned.
      readRows: result.rowsRead,
      readBytes: result.bytesRead,
      resultRows: countRows(this.options.runner.formatOf(query), bytes),
      resultBytes: bytes.length,
      elapsedSeconds: result.elapsed,
    }
  }
}

/** For an INSERT a server reports the written rows under every name. */
function writeCounts({ elapsed, rowsWritten: rows, bytesWritten: bytes }: EngineWriteResult): QueryCounts {
  const written = { writtenRows: rows, writtenBytes: bytes }
  return { ...written, readRows: rows, readBytes: bytes, resultRows: rows, resultBytes: bytes, elapsedSeconds: elapsed }
}

interface ResultStart {
  chunks: Uint8Array[]
  ended: boolean
  rest: AsyncIterator<Uint8Array>
}

async function readStart(output: AsyncIterable<Uint8Array>): Promise<ResultStart> {
  const rest = output[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let length = 0
  while (length < WHOLE_RESULT_BYTES) {
    const next = await rest.next()
    if (next.done === true) return { chunks, ended: true, rest }
    chunks.push(next.value)
    length += next.value.length
  }
  return { chunks, ended: false, rest }
}

/** Every chunk of the result; throws behind the last one when the statement failed. */
async function* allChunks(start: ResultStart, result: StreamedResult): AsyncGenerator<Uint8Array> {
  yield* start.chunks
  for (let next = await start.rest.next(); next.done !== true; next = await start.rest.next()) yield next.value
  await result.done
}
