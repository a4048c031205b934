import type { FastifyRequest } from 'fastify'
import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { AppError, UnavailableError, ValidationError } from '../common/app-error.js'
import { hasBody } from '../common/has-body.js'
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_BODIES_BYTES, MAX_EVENT_BYTES } from './event-limits.js'
import { parseExactly } from './exact-json.js'

/** What a line of NDJSON is that is not JSON. */
export const NOT_JSON = Symbol('not JSON')

/** Of all bodies that are being read: large ones are few at a time, whoever sends them. */
let bytesInHand = 0

/** The body of `POST /api/ingest`. Throws what is answered with 400, 413 or 415. */
export async function readEventBody(request: FastifyRequest): Promise<unknown> {
  if (bodyTypeOf(request) !== 'application/json')
    throw new AppError('UNSUPPORTED_FORMAT', 'The body must be application/json.')
  const text = await readText(request, MAX_EVENT_BYTES)
  return parsed(text)
}

/** The events of `POST /api/ingest/batch`: an array, or a line each. */
export async function readBatchBody(request: FastifyRequest): Promise<unknown[]> {
  const type = bodyTypeOf(request)
  if (type !== 'application/json' && type !== 'application/x-ndjson')
    throw new AppError('UNSUPPORTED_FORMAT', 'The body must be application/json (an array) or application/x-ndjson.')
  const text = await readText(request, MAX_BATCH_BYTES)
  const events = type === 'application/json' ? parsed(text) : linesOf(text)
  if (!Array.isArray(events)) throw refused('The body must be an array of events.')
  if (events.length > MAX_BATCH_EVENTS) throw tooMany()
  return events as unknown[]
}

/** The type that the body was sent with: it is taken as a stream, whatever it is. */
function bodyTypeOf({ uploadContentType, headers }: FastifyRequest): string {
  if (headers['content-encoding'] && headers['content-encoding'] !== 'identity')
    throw new AppError('UNSUPPORTED_FORMAT', 'The body must not be compressed.')
  if (!hasBody(headers)) throw refused('The body is empty.')
  return (uploadContentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** By events and not by an async iterator: this is the path of every event. */
function readText({ raw, headers }: FastifyRequest, maxBytes: number): Promise<string> {
  if (Number(headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  let bytes = 0
  const read = new Promise<string>((resolve, reject) => {
    const stream: Readable = raw
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      bytesInHand += chunk.length
      const refusal = bytes > maxBytes ? tooLarge(maxBytes) : bytesInHand > MAX_BODIES_BYTES ? busy() : undefined
      if (!refusal) return void chunks.push(chunk)
      stream.removeAllListeners('data')
      reject(refusal)
    })
    stream.on('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      if (isUtf8(body)) resolve(body.toString('utf8'))
      else reject(refused('The body is not valid UTF-8.'))
    })
    stream.on('error', () => reject(refused('The body breaks off.')))
    stream.on('close', () => reject(refused('The body breaks off.')))
  })
  return read.finally(() => (bytesInHand -= bytes))
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    throw refused('The body is not valid JSON.')
  }
}

function linesOf(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > MAX_BATCH_EVENTS) throw tooMany()
  return lines.map((line) => {
    try {
      return parseExactly(line)
    } catch {
      return NOT_JSON
    }
  })
}

function refused(message: string): AppError {
  return new ValidationError([{ path: '', message }])
}

function tooMany(): AppError {
  return refused(`A batch holds at most ${MAX_BATCH_EVENTS} events.`)
}

function busy(): AppError {
  return new UnavailableError('Too many large batches are being read; send it again in a moment.')
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `The body must not be larger than ${maxBytes / 1024} KiB.`)
}
