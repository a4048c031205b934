import type { FastifyRequest } from 'fastify'
import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { AppError, BodyTooLargeError, UnavailableError, ValidationError } from '../common/errors/app-error.js'
import { hasBody } from '../common/http/has-body.js'
import { nextTimeSlice } from '../common/time-slices.js'
import { QuotaExceededError } from '../auth/auth.errors.js'
import { PrincipalQuota, accountOf } from '../auth/principal-quota.js'
import {
  BATCH_PIECE_BYTES,
  MAX_BATCH_BYTES,
  MAX_BATCH_EVENT_BYTES,
  MAX_BATCH_EVENTS,
  MAX_BODIES_BYTES,
  MAX_BODIES_BYTES_PER_USER,
  MAX_EVENT_BYTES,
} from './event-limits.js'
import { jsonArrayPieces } from './json-array-pieces.js'
import { parseExactly } from './exact-json.js'

/** A line of NDJSON that holds no event, and why. */
export class UnreadableLine {
  constructor(readonly reason: string) {}
}

/** Of all batches that are being read: large ones are few at a time, whoever sends them. */
let bytesHeld = 0
const quota = new PrincipalQuota(MAX_BODIES_BYTES_PER_USER)

const LINE_FEED = 0x0a
const ARRAY_ONLY = 'The body must be an array of events.'

/** The body of `POST /api/ingest`. Throws what is answered with 400, 413, 415 or 429. */
export async function readEventBody(request: FastifyRequest): Promise<unknown> {
  if (bodyTypeOf(request) !== 'application/json')
    throw new AppError('UNSUPPORTED_FORMAT', 'The body must be application/json.')
  return readBody(request, MAX_EVENT_BYTES, async (body) => parsed(textOf(body)))
}

/**
 * The events of `POST /api/ingest/batch`, an array or a line each, handed to `take` some at a time; others are served in
 * between. Throws also when it has handed over some.
 */
export async function readBatchBody(request: FastifyRequest, take: (events: unknown[]) => void): Promise<void> {
  const type = bodyTypeOf(request)
  if (type !== 'application/json' && type !== 'application/x-ndjson')
    throw new AppError('UNSUPPORTED_FORMAT', 'The body must be application/json (an array) or application/x-ndjson.')
  await readBody(request, MAX_BATCH_BYTES, async (body) => {
    let count = 0
    for await (const events of type === 'application/json' ? eventsOfArray(body) : eventsOfLines(body)) {
      count += events.length
      if (count > MAX_BATCH_EVENTS) throw tooMany()
      take(events)
    }
  })
}

/** The type that the body was sent with: it is taken as a stream, whatever it is. */
function bodyTypeOf({ bodyType, headers }: FastifyRequest): string {
  if ((headers['content-encoding'] || 'identity').trim().toLowerCase() !== 'identity')
    throw new AppError('UNSUPPORTED_FORMAT', 'The body must not be compressed.')
  if (!hasBody(headers)) throw refused('The body is empty.')
  return (bodyType ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** The whole body, which counts as held by its caller until `work` is done with it. */
async function readBody<T>(request: FastifyRequest, maxBytes: number, work: (body: Buffer) => Promise<T>): Promise<T> {
  const account = accountOf(request.principal!)
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) throw new BodyTooLargeError(maxBytes)
  if (quota.heldBy(account) + announced > quota.limit) throw overShare()
  let held = 0
  const hold = (bytes: number): AppError | undefined => {
    if (!quota.take(account, bytes)) return overShare()
    held += bytes
    // Small ones are as many as there are connections.
    return maxBytes > MAX_EVENT_BYTES && (bytesHeld += bytes) > MAX_BODIES_BYTES ? busy() : undefined
  }
  try {
    return await work(await collect(request.raw, maxBytes, hold))
  } finally {
    quota.release(account, held)
    if (maxBytes > MAX_EVENT_BYTES) bytesHeld -= held
  }
}

/** By events and not by an async iterator: this is the path of every event. */
function collect(stream: Readable, maxBytes: number, hold: (bytes: number) => AppError | undefined): Promise<Buffer> {
  let bytes = 0
  return new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      const refusal = bytes > maxBytes ? new BodyTooLargeError(maxBytes) : hold(chunk.length)
      if (!refusal) return void chunks.push(chunk)
      stream.removeAllListeners('data')
      chunks.length = 0
      reject(refusal)
    })
    stream.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    const breakOff = (): void => reject(refused('The connection closed before the whole body arrived; send it again.'))
    stream.on('error', breakOff).on('close', breakOff)
  })
}

async function* eventsOfArray(body: Buffer): AsyncGenerator<unknown[]> {
  if (body.length <= BATCH_PIECE_BYTES) {
    yield arrayOf(body)
    return
  }
  if (!/^\s*\[/.test(body.toString('latin1', 0, BATCH_PIECE_BYTES))) throw refused(ARRAY_ONLY)
  let before = 0
  for (const piece of jsonArrayPieces(body, BATCH_PIECE_BYTES)) {
    await nextTimeSlice()
    if (!piece) continue
    const events = arrayOf(piece, before)
    if (events.length === 0 && piece.length < body.length) throw refused('The body is not valid JSON.')
    before += events.length
    yield events
  }
}

/** `before`: how many events come before these. */
function arrayOf(bytes: Buffer, before = 0): unknown[] {
  if (bytes.length > BATCH_PIECE_BYTES + MAX_BATCH_EVENT_BYTES) throw tooLargeAnEvent()
  const events = parsed(textOf(bytes), before)
  if (!Array.isArray(events)) throw refused(ARRAY_ONLY)
  return events
}

async function* eventsOfLines(body: Buffer): AsyncGenerator<unknown[]> {
  for (let start = 0; start < body.length;) {
    if (start > 0) await nextTimeSlice()
    const lineFeed = body.indexOf(LINE_FEED, start + BATCH_PIECE_BYTES)
    const end = lineFeed < 0 ? body.length : lineFeed
    if (end - start > BATCH_PIECE_BYTES + MAX_BATCH_EVENT_BYTES) throw tooLargeAnEvent()
    yield linesOf(textOf(body.subarray(start, end)))
    start = end + 1
  }
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw refused('The body is not valid UTF-8.')
  return bytes.toString('utf8')
}

function parsed(text: string, before = 0): unknown {
  try {
    return parseExactly(text)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw refused('The body is not valid JSON.')
    const moved = (path: string): string => path.replace(/^\[(\d+)\]/, (_, index) => `[${Number(index) + before}]`)
    throw new ValidationError(error.options.errors!.map(({ path, message }) => ({ path: moved(path), message })))
  }
}

function linesOf(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    try {
      return parseExactly(line)
    } catch (error) {
      return new UnreadableLine(error instanceof ValidationError ? error.message : 'is not valid JSON')
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

function overShare(): AppError {
  return new QuotaExceededError(
    `This account may have ${MAX_BODIES_BYTES_PER_USER / 1024 / 1024} MiB of events on their way at the same time: wait for a batch to end.`,
  )
}

function tooLargeAnEvent(): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `An event must not be larger than ${MAX_BATCH_EVENT_BYTES / 1024} KiB.`)
}
