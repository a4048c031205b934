import { EventSourceParserStream } from 'eventsource-parser/stream'
import { Readable } from 'node:stream'
import {
  requestLineOf,
  withQuery,
  type OptionsOf,
  type QueryParameters,
  type RequestParts,
  type ResultOf,
  type Route,
  type Schemas,
} from '../../clients/typescript/index.js'
import { ApiError, ConnectionError, FileError } from './api-errors.js'
import { sendFile, type HttpResponse, type SendOptions, type UploadFile } from './send-file.js'

const NO_CONTENT = 204
/** The most that the server gives at once. */
const PAGE_ROWS = 500

export type Job = Schemas['IngestionResponse']
export type RejectedRow = Schemas['RejectResponse']
export type Event = Schemas['EventInput']
export type Proposal = Schemas['InferenceResponse']

export function isEnded({ status }: Job): boolean {
  return status !== 'queued' && status !== 'running'
}

export interface UploadedJob {
  job: Job
  /** by the server's clock, how long ago the job was created */
  ageMs: number
}

/** The routes that list pages of `data`. */
export type ListRoute = {
  [R in Route]: R extends `GET ${string}`
    ? ResultOf<R> extends { data: unknown[]; pagination: Schemas['Pagination'] }
      ? R
      : never
    : never
}[Route]
export type RowOf<R extends ListRoute> = ResultOf<R> extends { data: (infer Row)[] } ? Row : never
interface Page<Row> {
  data: Row[]
  pagination: Schemas['Pagination']
}

/** A response whose body is read as it arrives; reading it throws ConnectionError. */
export interface StreamedResponse {
  headers: Headers
  body: Readable
}

/** The HTTP API as the commands need it. Throws ApiError, ConnectionError and, for the file that is sent, FileError. */
export class ApiClient {
  private hasResponded = false

  constructor(
    /** its path ends in a slash */
    private readonly base: URL,
    private readonly apiKey: string | undefined,
    /** ends every request but an upload */
    private readonly signal?: AbortSignal,
  ) {}

  /** Throws what a server throws that is not there, or does not let this key load files. */
  async check(): Promise<void> {
    await this.send('GET /v1/ingestions', { query: { limit: 1 } })
  }

  /** Sends a file; an abort ends that unless the whole file has left, because the server may have made a job of it. */
  async upload(
    file: UploadFile,
    query: Record<string, string>,
    { onSent, ...how }: Omit<SendOptions, 'headers'>,
  ): Promise<UploadedJob> {
    let sent = 0
    const options = { ...how, onSent: (bytes: number) => onSent((sent = bytes)) }
    const { status, headers, content } = await this.post('v1/ingestions', file, query, options, (error: unknown) =>
      this.failure(error, sent === file.sizeBytes),
    )
    const job = content as Job | undefined
    if ((status !== 200 && status !== 202) || !job?.id) throw refusal(status, content, headers['retry-after'])
    return { job, ageMs: Date.parse(headers.date ?? '') - Date.parse(job.createdAt) }
  }

  /** The declaration that the server proposes for the file whose beginning is sent; it keeps nothing of it. */
  async infer(sample: UploadFile, query: Record<string, string>): Promise<Proposal> {
    const options = { onSent: () => undefined, signal: new AbortController().signal }
    const { status, headers, content } = await this.post('v1/admin/datasets/infer', sample, query, options)
    if (status !== 200 || !(content as Proposal | undefined)?.dataset)
      throw refusal(status, content, headers['retry-after'])
    return content as Proposal
  }

  /** The job at each change; ends with the job, or when the server stops. */
  async *changes(id: string, signal: AbortSignal): AsyncGenerator<Job> {
    const headers = { accept: 'text/event-stream' }
    const response = await this.send('GET /v1/ingestions/{id}/events', { path: { id }, headers, signal })
    const events = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    try {
      for await (const { event, data } of events) if (event !== 'error') yield JSON.parse(data) as Job
    } catch (error) {
      throw this.failure(error)
    }
  }

  cancel(id: string): Promise<Job> {
    return this.request('POST /v1/ingestions/{id}/cancel', { path: { id } })
  }

  async firstRejects(id: string, limit: number): Promise<RejectedRow[]> {
    const { data } = await this.request('GET /v1/ingestions/{id}/rejects', { path: { id }, query: { limit } })
    // Without summary=true it lists the rows.
    return data as RejectedRow[]
  }

  /** The rejected records under the file's own header. */
  async rejectsFile(id: string): Promise<Readable> {
    const headers = { accept: 'text/csv' }
    return (await this.stream('GET /v1/ingestions/{id}/rejects', { path: { id }, headers })).body
  }

  /** One event or a batch; resolves when they are stored. A refused event is an ApiError. */
  async ingestEvents(events: Event[]): Promise<void> {
    if (events.length === 1) return void (await this.request('POST /api/ingest', { body: events[0]! }))
    const { rejected } = await this.request('POST /api/ingest/batch', { body: events })
    const [first] = rejected
    if (first) throw new ApiError(400, 'VALIDATION_FAILED', `event ${first.index} ${first.reason}`, null, undefined)
  }

  /** The body of a route's response. */
  async request<R extends Route>(route: R, ...options: OptionsOf<R>): Promise<ResultOf<R>> {
    const response = await this.send(route, ...options)
    return (response.status === NO_CONTENT ? undefined : JSON.parse(await this.textOf(response))) as ResultOf<R>
  }

  /** The first `limit` rows of a list, in as many requests as they need. */
  async list<R extends ListRoute>(
    route: R,
    { path, query }: { path?: Record<string, string>; query?: QueryParameters },
    limit: number,
  ): Promise<{ rows: RowOf<R>[]; total: number }> {
    const rows: RowOf<R>[] = []
    for (;;) {
      const page = { limit: Math.min(limit - rows.length, PAGE_ROWS), offset: rows.length }
      const options = [{ path, query: { ...query, ...page } }] as unknown as OptionsOf<R>
      const { data, pagination } = (await this.request(route, ...options)) as unknown as Page<RowOf<R>>
      rows.push(...data)
      if (data.length === 0 || rows.length >= Math.min(limit, pagination.total))
        return { rows, total: pagination.total }
    }
  }

  /** A route's response in the format that the header `accept` names. */
  async stream<R extends Route>(route: R, ...options: OptionsOf<R>): Promise<StreamedResponse> {
    const { headers, body } = await this.send(route, ...options)
    return { headers, body: Readable.from(this.bytesOf(body!), { objectMode: false }) }
  }

  /** Whether each engine responds; also where one does not. No key is needed. */
  async health(): Promise<Schemas['HealthResponse']> {
    const response = await fetch(this.url('health/ready'), { redirect: 'manual', signal: this.signal }).catch(
      (error: unknown) => {
        throw this.failure(error)
      },
    )
    const content = readJson(await this.textOf(response))
    if (!(content as Partial<Schemas['HealthResponse']> | undefined)?.engines)
      throw refusal(response.status, content, undefined)
    return content as Schemas['HealthResponse']
  }

  /** The response of a route, for what is not JSON or has more to tell than its body. */
  send<R extends Route>(route: R, ...[options]: OptionsOf<R>): Promise<Response> {
    const { path, query, body, headers, signal = this.signal } = (options ?? {}) as RequestParts
    const [method, line] = requestLineOf(route, path)
    // Without the first slash it is relative to the path of the address.
    return this.fetch(withQuery(line.slice(1), query), {
      method,
      signal,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  }

  private async post(
    path: string,
    file: UploadFile,
    query: Record<string, string>,
    options: Omit<SendOptions, 'headers'>,
    failureOf = (error: unknown): unknown => this.failure(error),
  ): Promise<Pick<HttpResponse, 'status' | 'headers'> & { content: unknown }> {
    const url = this.url(path)
    url.search = new URLSearchParams(query).toString()
    const response = await sendFile(url, file, { ...options, headers: this.headers }).catch((error: unknown) => {
      throw failureOf(error)
    })
    this.hasResponded = true
    return { ...response, content: readJson(response.body) }
  }

  private async *bytesOf(body: NonNullable<Response['body']>): AsyncGenerator<Uint8Array> {
    try {
      yield* body
    } catch (error) {
      throw this.failure(error)
    }
  }

  private async textOf(response: Response): Promise<string> {
    return response.text().catch((error: unknown) => {
      throw this.failure(error)
    })
  }

  private url(path: string): URL {
    return new URL(path, this.base)
  }

  private async fetch(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, ...this.headers }
    // Not followed: a redirect to another host would take the key along.
    const response = await fetch(this.url(path), { ...init, headers, redirect: 'manual' }).catch((error: unknown) => {
      throw this.failure(error)
    })
    this.hasResponded = true
    if (response.ok) return response
    const content = readJson(await response.text().catch(() => ''))
    throw refusal(response.status, content, response.headers.get('retry-after') ?? undefined)
  }

  private get headers(): Record<string, string> {
    return this.apiKey === undefined ? {} : { 'x-api-key': this.apiKey }
  }

  private failure(error: unknown, mayHaveArrived = false): unknown {
    if (error instanceof FileError || (error as Error).name === 'AbortError') return error
    return new ConnectionError(error, this.hasResponded, mayHaveArrived)
  }
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function refusal(status: number, content: unknown, retryAfter: string | undefined): ApiError {
  const { code, detail, requestId, errors } = (content ?? {}) as Partial<Schemas['Problem']>
  const seconds = retryAfter === undefined ? NaN : Number(retryAfter)
  const words = detail ?? `the server responded with ${status}`
  return new ApiError(status, code, words, requestId ?? null, Number.isFinite(seconds) ? seconds : undefined, errors)
}
