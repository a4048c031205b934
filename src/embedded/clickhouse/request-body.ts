import { IncomingMessage } from 'node:http'
import { Duplex, pipeline, Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { exception } from './exceptions.js'

const DECODERS: Record<string, () => Duplex> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** The body without its Content-Encoding. Throws on one that is not known. */
export function decodedBody(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return request
  const decoder = DECODERS[encoding]
  if (decoder === undefined) {
    throw exception(344, 'SUPPORT_IS_DISABLED', `Unknown content encoding ${encoding}: use gzip, deflate or br.`)
  }
  // An error of either side reaches the reader of the result.
  return pipeline(request, decoder(), () => undefined)
}

/** The whole decoded body. Throws when it is longer than maxBytes. */
export async function collectBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of decodedBody(request)) {
    length += (chunk as Buffer).length
    if (length > maxBytes) throw exception(1003, 'QUERY_IS_TOO_LARGE', `The request's text exceeds ${maxBytes} bytes.`)
    chunks.push(chunk as Buffer)
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}

/** The fields of a multipart/form-data body, which clients use for long query parameters. */
export async function formFields(contentType: string, body: Buffer): Promise<[string, string][]> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  return [...form.entries()].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
}
