import { EventSourceParserStream } from 'eventsource-parser/stream'
import { Readable } from 'node:stream'
import type { RefreshedViews } from '../../src/dashboard/views.dto.js'
import type { IngestionResponse, RejectResponse } from '../../src/ingestion/ingestions.dto.js'
import type { BatchResponse, EventInput } from '../../src/events/events.dto.js'
import { ApiError, ConnectionError, FileError } from './api-errors.js'
import { sendFile, type SendOptions, type UploadFile } from './send-file.js'

export type Job = IngestionResponse
export type RejectedRow = RejectResponse

export interface UploadedJob {
  job: Job
  /** by the server's clock, how long ago the job was created */
  ageMs: number
}

/** The HTTP API as the commands need it. Throws ApiError, ConnectionError and, for the file that is sent, FileError. */
export class ApiClient {
  private hasAnswered = false

  constructor(
    /** its path ends in a slash */
    private readonly base: URL,
    private readonly apiKey: string,
  ) {}

  /** Throws what a server throws that is not there, or does not let this key load files. */
  async check(): Promise<void> {
    await this.fetch('v1/ingestions?limit=1')
  }

  /** Sends a file; an abort ends that unless the whole file has left, because the server may have made a job of it. */
  async upload(
    file: UploadFile,
    query: Record<string, string>,
    { onSent, ...how }: Omit<SendOptions, 'headers'>,
  ): Promise<UploadedJob> {
    const url = this.url('v1/ingestions')
    url.search = new URLSearchParams(query).toString()
    let sent = 0
    const options = { ...how, headers: this.headers, onSent: (bytes: number) => onSent((sent = bytes)) }
    const { status, headers, body } = await sendFile(url, file, options).catch((error: unknown) => {
      throw this.failure(error, sent === file.sizeBytes)
    })
    this.hasAnswered = true
    const answer = readJson(body)
    const job = answer as Job | undefined
    if ((status !== 200 && status !== 202) || !job?.id) throw refusal(status, answer, headers['retry-after'])
    return { job, ageMs: Date.parse(headers.date ?? '') - Date.parse(job.createdAt) }
  }

  /** The job at each change; ends with the job, or when the server stops. */
  async *changes(id: string, signal: AbortSignal): AsyncGenerator<Job> {
    const response = await this.fetch(`v1/ingestions/${id}/events`, {
      headers: { accept: 'text/event-stream' },
      signal,
    })
    const events = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    try {
      for await (const { event, data } of events) if (event !== 'error') yield JSON.parse(data) as Job
    } catch (error) {
      throw this.failure(error)
    }
  }

  async cancel(id: string): Promise<Job> {
    return (await (await this.fetch(`v1/ingestions/${id}/cancel`, { method: 'POST' })).json()) as Job
  }

  async firstRejects(id: string, limit: number): Promise<RejectedRow[]> {
    const response = await this.fetch(`v1/ingestions/${id}/rejects?limit=${limit}`)
    return ((await response.json()) as { data: RejectedRow[] }).data
  }

  /** The rejected records under the file's own header. */
  async rejectsFile(id: string): Promise<Readable> {
    const response = await this.fetch(`v1/ingestions/${id}/rejects`, { headers: { accept: 'text/csv' } })
    return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
  }

  async refreshViews(): Promise<RefreshedViews> {
    return (await (await this.fetch('v1/admin/views/refresh', { method: 'POST' })).json()) as RefreshedViews
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await (await this.fetch(path, { signal })).json()) as T
  }

  async post<T>(path: string, body: object, how: { signal: AbortSignal; idempotencyKey: string }): Promise<T> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': how.idempotencyKey }
    const init = { method: 'POST', headers, body: JSON.stringify(body), signal: how.signal }
    return (await (await this.fetch(path, init)).json()) as T
  }

  /** One event or a batch; resolves when they are stored. A refused event is an ApiError. */
  async ingestEvents(events: EventInput[]): Promise<void> {
    const [path, body] = events.length === 1 ? ['api/ingest', events[0]] : ['api/ingest/batch', events]
    const response = await this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const [rejected] = ((await response.json()) as Partial<BatchResponse>).rejected ?? []
    if (rejected)
      throw new ApiError(400, 'VALIDATION_FAILED', `event ${rejected.index} ${rejected.reason}`, null, undefined)
  }

  private url(path: string): URL {
    return new URL(path, this.base)
  }

  private async fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const headers = { ...init.headers, ...this.headers }
    // Not followed: a redirect to another host would take the key along.
    const response = await fetch(this.url(path), { ...init, headers, redirect: 'manual' }).catch((error: unknown) => {
      throw this.failure(error)
    })
    this.hasAnswered = true
    if (response.ok) return response
    const answer = readJson(await response.text().catch(() => ''))
    throw refusal(response.status, answer, response.headers.get('retry-after') ?? undefined)
  }

  private get headers(): Record<string, string> {
    return { 'x-api-key': this.apiKey }
  }

  private failure(error: unknown, mayHaveArrived = false): unknown {
    if (error instanceof FileError || (error as Error).name === 'AbortError') return error
    return new ConnectionError(error, this.hasAnswered, mayHaveArrived)
  }
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function refusal(status: number, answer: unknown, retryAfter: string | undefined): ApiError {
  const { code, detail, requestId } = (answer ?? {}) as { code?: string; detail?: string; requestId?: string }
  const seconds = retryAfter === undefined ? NaN : Number(retryAfter)
  const words = detail ?? `the server answered ${status}`
  return new ApiError(status, code, words, requestId ?? null, Number.isFinite(seconds) ? seconds : undefined)
}
