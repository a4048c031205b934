import { StreamableFile } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import type { Readable } from 'node:stream'
import { AppError, ERROR_STATUS, ValidationError } from '../common/errors/app-error.js'
import { problemOf } from '../common/filters/problem.filter.js'
import type { Problem } from '../common/errors/problem.js'

const MAX_STORED_BYTES = 1024 * 1024
const STORED_HEADERS = ['content-type', 'content-disposition', 'location', 'x-credits-charged', 'x-credits-remaining']
/** Refusals that came from doing what was asked; the others (a wrong body, no credits, too fast) may be corrected. */
const STORED_REFUSALS = new Set([404, 409])

export interface StoredResponse {
  status: number
  headers: Record<string, string | number>
  body: Buffer
}

/** What the handler answered, in the bytes that leave. */
export async function responseOf(result: unknown, reply: FastifyReply): Promise<StoredResponse> {
  const body = await bytesOf(result, reply)
  if (result !== undefined && !reply.hasHeader('content-type')) void reply.type('application/json; charset=utf-8')
  const given = reply.getHeaders() as Record<string, string | number | undefined>
  const headers = STORED_HEADERS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]))
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body }
}

export function isStoredRefusal(error: unknown): error is AppError {
  return error instanceof AppError && STORED_REFUSALS.has(ERROR_STATUS[error.code])
}

export function responseOfRefusal(error: AppError, requestId: string): StoredResponse {
  const body = Buffer.from(JSON.stringify(problemOf(error, requestId)))
  return { status: ERROR_STATUS[error.code], headers: {}, body }
}

/** Puts a stored response on the reply and gives the bytes to send; throws the refusal if it was one. */
export function replay({ status, headers, body }: StoredResponse, reply: FastifyReply): Buffer | undefined {
  void reply.header('idempotent-replayed', 'true')
  if (status >= 400) throw refusalIn(body)
  void reply.code(status).headers(headers)
  return body.length > 0 ? body : undefined
}

/** The same problem again, to the byte: with the id of the request that it was first answered to. */
function refusalIn(body: Buffer): AppError {
  const problem = JSON.parse(body.toString()) as Problem
  return new AppError(problem.code, problem.detail, { extra: { ...problem } })
}

async function bytesOf(result: unknown, reply: FastifyReply): Promise<Buffer> {
  if (result === undefined) return Buffer.alloc(0)
  if (result instanceof StreamableFile) return collected(result.getStream())
  const body = Buffer.isBuffer(result)
    ? result
    : Buffer.from(typeof result === 'string' ? result : (reply.serialize(result) as string))
  if (body.length > MAX_STORED_BYTES) throw tooLarge()
  return body
}

async function collected(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop destroys the stream, and with it ClickHouse's query.
    if (bytes > MAX_STORED_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(): AppError {
  const message = `responses of more than ${MAX_STORED_BYTES} bytes are not stored: request less, or leave this header out`
  return new ValidationError([{ path: 'Idempotency-Key', message }])
}
