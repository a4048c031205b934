import { once } from 'node:events'
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { FileError } from './api-errors.js'

/** A file that is opened for sending. */
export interface UploadFile {
  sizeBytes: number
  stream: AsyncIterable<Buffer>
}

export interface HttpResponse {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

export interface SendOptions {
  headers: Record<string, string>
  onSent: (bytes: number) => void
  signal: AbortSignal
}

const KEEP_ALIVE_MS = 30_000
const OWN_HEADERS = {
  'content-type': 'application/octet-stream',
  // A server that closes upon a refusal resets the upload on its way, and the reset overtakes the refusal.
  connection: 'keep-alive',
}

/**
 * POSTs a file as the body. By plain node:http: fetch costs more processor time, and does not say how much has left. An
 * abort ends it unless the whole file has left: then the response is waited for, because it tells what the server made of it.
 */
export async function sendFile(
  url: URL,
  { sizeBytes, stream }: UploadFile,
  { headers, onSent, signal }: SendOptions,
): Promise<HttpResponse> {
  signal.throwIfAborted()
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { ...headers, ...OWN_HEADERS, 'content-length': sizeBytes },
    // An idle connection may be closed by the server at the moment that it is used again.
    agent: false,
  })
  // A host that vanished gives no sign; without this the response would be waited for without end.
  request.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS))
  let sent = 0
  const stop = (): void => void (sent < sizeBytes && request.destroy(signal.reason as Error))
  signal.addEventListener('abort', stop)
  try {
    const response = responseTo(request)
    // What fails here fails the request, or comes after its response and does not matter any more.
    pipeline(
      measured(stream, sizeBytes, (bytes) => onSent((sent = bytes))),
      request,
    ).catch(() => undefined)
    return await response
  } finally {
    signal.removeEventListener('abort', stop)
    // A refusal may come before the end of the upload; the rest is not worth sending.
    request.destroy()
  }
}

async function responseTo(request: ClientRequest): Promise<HttpResponse> {
  request.on('error', () => undefined)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode!, headers: response.headers, body: await text(response) }
}

async function* measured(
  stream: AsyncIterable<Buffer>,
  sizeBytes: number,
  onBytes: (total: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const data of stream) {
    bytes += data.length
    if (bytes > sizeBytes) break
    onBytes(bytes)
    yield data
  }
  if (bytes !== sizeBytes) throw new FileError('the file changed while it was sent')
}
