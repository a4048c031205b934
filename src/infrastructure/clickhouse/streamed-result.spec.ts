import { Controller, Get, Module, StreamableFile } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamedResult, type ResultOptions } from './streamed-result.js'
import { toClickHouseError } from './clickhouse-error-translation.js'
import {
  QueryAbortedError,
  QueryTimeoutError,
  QueryTooLargeError,
  ClickHouseStatementError,
  ClickHouseUnavailableError,
} from './clickhouse.errors.js'

const TAG = 'abcdefghijklmnop'
const HEAD = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-ClickHouse-Exception-Tag: ${TAG}\r\n\r\n`
const EXCEPTION = `\r\n__exception__\r\n${TAG}\r\nCode: 241. DB::Exception: Too much. (MEMORY_LIMIT_EXCEEDED)`
const END = '0\r\n\r\n'
const MIB = 1024 * 1024

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** A mebibyte that is like no other. */
const block = (number: number): Buffer => Buffer.alloc(MIB, `block ${number} `)
const digestOf = (count: number): string => {
  const hash = createHash('sha256')
  for (let number = 0; number < count; number++) hash.update(block(number))
  return hash.digest('hex')
}

/** ClickHouse's side of the protocol, to have it at its edges: bytes as a test writes them. */
let engine: Server
let answer: (connection: Socket) => unknown
let connections: Socket[]
let opened: StreamedResult[]
let api: NestFastifyApplication

@Controller()
class Exports {
  @Get()
  async export(): Promise<StreamableFile> {
    return new StreamableFile(await open())
  }

  /** Its result ends before anybody reads it, as when a charge takes long. */
  @Get('late')
  async exportLate(): Promise<StreamableFile> {
    const result = await open()
    await new Promise((resolve) => result.once('close', resolve))
    return new StreamableFile(result)
  }
}

@Module({ controllers: [Exports] })
class Api {}

beforeEach(async () => {
  connections = []
  opened = []
  engine = createServer((connection) => {
    connections.push(connection)
    connection.setNoDelay().on('error', () => undefined)
    connection.once('data', () => void answer(connection))
  }).listen(0, '127.0.0.1')
  await once(engine, 'listening')
  api = await NestFactory.create<NestFastifyApplication>(Api, new FastifyAdapter(), { logger: false })
  await api.listen(0, '127.0.0.1')
})
afterEach(async () => {
  api.getHttpServer().closeAllConnections()
  await api.close()
  for (const connection of connections) connection.destroy()
  engine.close()
  vi.restoreAllMocks()
})

async function open(options: Partial<ResultOptions> = {}, port = portOf(engine)): Promise<StreamedResult> {
  const request = { host: '127.0.0.1', port, secure: false, bytes: Buffer.from('POST / HTTP/1.1\r\n\r\n') }
  const translate = (error: Error): Error => toClickHouseError(error, options.signal)
  const result = await StreamedResult.open(request, { silenceMs: 600_000, translate, ...options })
  opened.push(result)
  return result
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Asks through Nest and Fastify, as customers do. */
function ask(path = '/'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) =>
    get({ port: portOf(api.getHttpServer()), path, agent: false }, resolve).on('error', reject),
  )
}

/** Writes as much as the other side takes; calls `wrote` for each mebibyte. */
async function sendBlocks(connection: Socket, count: number, wrote: (count: number) => void = () => undefined) {
  connection.write(HEAD)
  for (let number = 0; number < count && !connection.destroyed; number++) {
    connection.write(`${MIB.toString(16)}\r\n`)
    connection.write(block(number))
    // Also called when the connection is gone.
    await new Promise((resolve) => connection.write('\r\n', resolve))
    wrote(number + 1)
  }
  connection.end(END)
}

const ways = {
  'a reader': async (): Promise<Buffer> => buffer(await open()),
  'a response': async (): Promise<Buffer> => buffer(await ask()),
}

describe.each(Object.entries(ways))('a result for %s', (_name, read) => {
  it('is the same wherever its bytes are split', async () => {
    const whole = Buffer.from(HEAD + chunk('a,b\r\n') + chunk('1,2\r\n\r\n__exception__\r\n') + chunk('ü\r') + END)
    let next = 0
    answer = async (connection) => {
      const at = next++
      connection.write(whole.subarray(0, at))
      // Two reads on the other side, mostly; one would be no failure.
      await sleep(50)
      connection.write(whole.subarray(at))
    }
    const all = await Promise.all(Array.from(whole, () => read()))
    expect(new Set(all.map(String))).toEqual(new Set(['a,b\r\n1,2\r\n\r\n__exception__\r\nü\r']))
  })

  it('is the same byte by byte', async () => {
    answer = async (connection) => {
      for (const byte of Buffer.from(HEAD + chunk('a,b\r\n') + chunk('1,2\r\n') + END)) {
        connection.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
    }
    expect((await read()).toString()).toBe('a,b\r\n1,2\r\n')
  })

  it('is empty, or has a length instead of chunks', async () => {
    answer = (connection) => connection.write(HEAD + END)
    expect((await read()).length).toBe(0)
    answer = (connection) => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345')
    expect((await read()).toString()).toBe('12345')
  })

  it('is large', async () => {
    answer = (connection) => sendBlocks(connection, 40)
    const bytes = await read()
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(digestOf(40))
  })

  it.each([
    ['without its end', chunk('1,2\n')],
    ['in a chunk', '100\r\n1,2\n'],
    ['in the mark of an exception', `5\r\n1,2${EXCEPTION.slice(0, 2)}\r\n`],
    ['after an exception', `100\r\n1,2\n${EXCEPTION}`],
    ['after an exception with an end', chunk(`1,2\n${EXCEPTION}`) + END],
    ['with bytes that are no chunk', `${chunk('1,2\n')}1\r\nabc\r\n`],
  ])('is an error when it breaks off %s', async (_what, body) => {
    answer = (connection) => connection.end(HEAD + body)
    await expect(read()).rejects.toThrow()
    await expect.poll(() => [...opened, ...connections].every(({ destroyed }) => destroyed)).toBe(true)
  })
})

describe('StreamedResult', () => {
  it('gives readers bytes to keep', async () => {
    answer = (connection) => sendBlocks(connection, 20)
    const chunks: Buffer[] = []
    for await (const read of await open()) chunks.push(read as Buffer)
    expect(createHash('sha256').update(Buffer.concat(chunks)).digest('hex')).toBe(digestOf(20))
  })

  it('copies next to nothing on its way to a response', async () => {
    const push = vi.spyOn(StreamedResult.prototype, 'push')
    answer = (connection) => sendBlocks(connection, 40)
    expect((await buffer(await ask())).length).toBe(40 * MIB)
    const copied = push.mock.calls.reduce((bytes, [read]) => bytes + ((read as Buffer | null)?.length ?? 0), 0)
    expect(copied).toBeLessThan(2 * MIB)
  })

  it('ends in what ClickHouse said, not in how the connection broke', async () => {
    answer = (connection) => connection.end(`${HEAD}100\r\n1,2\n${EXCEPTION}`)
    const chunks: Buffer[] = []
    const reading = async (): Promise<void> => {
      for await (const read of await open()) chunks.push(read as Buffer)
    }
    await expect(reading()).rejects.toThrow(QueryTooLargeError)
    expect(Buffer.concat(chunks).toString()).toBe('1,2\n')
  })

  it('hands on what came before the exception to a response, and breaks it off', async () => {
    answer = (connection) => connection.end(`${HEAD}100\r\n1,2\n${EXCEPTION}`)
    const response = await ask()
    const chunks: Buffer[] = []
    response.on('data', (read: Buffer) => chunks.push(read))
    await expect(once(response, 'end')).rejects.toThrow('aborted')
    expect(Buffer.concat(chunks).toString()).toBe('1,2\n')
  })

  it.each([
    ['an exception', `${HEAD}100\r\n1,2\n${EXCEPTION}`],
    ['a broken connection', `${HEAD}100\r\n1,2\n`],
  ])('breaks off a response that comes too late for it: %s', async (_what, bytes) => {
    answer = (connection) => connection.end(bytes)
    const reading = async () => buffer(await ask('/late'))
    // Before or behind its headers.
    await expect(reading()).rejects.toThrow(/aborted|socket hang up/)
  })

  it('is no result when it fails before the first byte', async () => {
    answer = (connection) => connection.end(`${HEAD}100\r\n${EXCEPTION}`)
    await expect(open()).rejects.toThrow(QueryTooLargeError)
    answer = (connection) => connection.end(HEAD)
    await expect(open()).rejects.toThrow(ClickHouseUnavailableError)
  })

  it.each([
    [404, 'Code: 60. DB::Exception: No table. (UNKNOWN_TABLE)', ClickHouseStatementError],
    [500, `Code: 159. DB::Exception: Timeout. (TIMEOUT_EXCEEDED)${' '.repeat(MIB)}`, QueryTimeoutError],
    [502, '<html>no engine', ClickHouseUnavailableError],
  ])('is refused with status %d', async (status, text, expected) => {
    answer = (connection) =>
      connection.write(`HTTP/1.1 ${status} Whatever\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
    await expect(open()).rejects.toThrow(expected)
    await expect.poll(() => connections[0]!.destroyed).toBe(true)
  })

  it('is unavailable when ClickHouse is', async () => {
    answer = (connection) => connection.end()
    await expect(open()).rejects.toThrow(ClickHouseUnavailableError)
    answer = (connection) => connection.write('SSH-2.0-OpenSSH\r\n')
    await expect(open()).rejects.toThrow(ClickHouseUnavailableError)
  })

  it('is unavailable when nothing listens', async () => {
    const port = portOf(engine)
    engine.close()
    await once(engine, 'close')
    await expect(open({}, port)).rejects.toThrow(ClickHouseUnavailableError)
  })

  it('took too long when ClickHouse says nothing, at first or in the middle', async () => {
    answer = () => undefined
    await expect(open({ silenceMs: 1 })).rejects.toThrow(QueryTimeoutError)
    answer = (connection) => connection.write(HEAD + chunk('1,2\n'))
    await expect(buffer(await open({ silenceMs: 100 }))).rejects.toThrow(QueryTimeoutError)
  })

  it('does not count the time of its reader', async () => {
    const count = 64
    answer = (connection) => sendBlocks(connection, count)
    const result = await open({ silenceMs: 500 })
    await sleep(1500)
    expect(
      createHash('sha256')
        .update(await buffer(result))
        .digest('hex'),
    ).toBe(digestOf(count))
  })

  it('loses nothing of many small parts that a slow client takes', async () => {
    const parts = Array.from({ length: 40_000 }, (_unused, number) => `${number},${'x'.repeat(number % 997)}\n`)
    answer = (connection) => connection.end(HEAD + parts.map(chunk).join('') + END)
    const response = await ask()
    let text = ''
    for await (const read of response.setEncoding('latin1')) {
      text += read as string
      if (text.length % 7 === 0) await sleep(1)
    }
    expect(text === parts.join('')).toBe(true)
  })

  it('keeps an error for who reads later', async () => {
    answer = (connection) => connection.end(HEAD + chunk('1,2\n'))
    const result = await open()
    await expect.poll(() => result.destroyed).toBe(true)
    await expect(buffer(result)).rejects.toThrow(ClickHouseUnavailableError)
  })

  it('is stopped by its signal before, and in the middle', async () => {
    answer = () => undefined
    await expect(open({ signal: AbortSignal.abort() })).rejects.toThrow(QueryAbortedError)
    const before = new AbortController()
    answer = () => before.abort()
    await expect(open({ signal: before.signal })).rejects.toThrow(QueryAbortedError)
    const during = new AbortController()
    answer = (connection) => connection.write(HEAD + chunk('1,2\n'))
    const result = await open({ signal: during.signal })
    during.abort()
    await expect(buffer(result)).rejects.toThrow(QueryAbortedError)
    await expect.poll(() => connections.every(({ destroyed }) => destroyed)).toBe(true)
  })

  it('reads no more than a slow client takes, and loses nothing', async () => {
    const count = 192
    let sent = 0
    answer = (connection) => sendBlocks(connection, count, (blocks) => (sent = blocks))
    const response = await ask()
    let before = -1
    await vi.waitFor(
      () => {
        const now = sent
        const stands = now > 0 && now === before
        before = now
        expect(stands).toBe(true)
      },
      { timeout: 60_000, interval: 500 },
    )
    // The rest is with the kernel, which has four buffers of some megabytes between them.
    expect(sent).toBeLessThan(count / 2)
    const hash = createHash('sha256')
    let reads = 0
    for await (const read of response) {
      hash.update(read as Buffer)
      if (reads++ % 500 === 0) await sleep(5)
    }
    expect(hash.digest('hex')).toBe(digestOf(count))
  })

  it('reads no more than a slow reader takes', async () => {
    const count = 192
    let sent = 0
    answer = (connection) => sendBlocks(connection, count, (blocks) => (sent = blocks))
    const result = await open()
    await sleep(1000)
    expect(sent).toBeLessThan(count / 2)
    expect(result.readableLength).toBeLessThan(MIB)
    const hash = createHash('sha256')
    for await (const read of result) hash.update(read as Buffer)
    expect(hash.digest('hex')).toBe(digestOf(count))
  })

  it('leaves ClickHouse when the client leaves', async () => {
    answer = (connection) => sendBlocks(connection, 1000)
    const response = await ask()
    await once(response, 'readable')
    response.destroy()
    await expect.poll(() => opened[0]!.closed && connections[0]!.destroyed).toBe(true)
    expect(opened[0]!.errored).toBeNull()
  })

  it('leaves ClickHouse when a response is broken off, or was before', async () => {
    // Silent afterwards, so that no write of the response could fail.
    answer = (connection) => connection.write(HEAD + chunk('1,2\n'))
    const responses: ServerResponse[] = []
    const server = createHttpServer((_request, response) => {
      responses.push(response)
      void open().then((result) => result.pipe(response))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const request = get({ port: portOf(server) })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    responses[0]!.destroy()
    await expect(once(response.resume(), 'end')).rejects.toThrow('aborted')
    const another = await open()
    another.pipe(responses[0]!)
    await expect.poll(() => opened.every(({ closed }) => closed)).toBe(true)
    await expect.poll(() => connections.every(({ destroyed }) => destroyed)).toBe(true)
    server.close()
  })
})
