import type { FastifyRequest } from 'fastify'
import { AppError, BodyTooLargeError } from '../errors/app-error.js'

/** The whole body; 413 for a longer one. By events and not by an async iterator: every query has a body. */
export function bytesOf({ raw, headers }: FastifyRequest, maxBytes: number): Promise<Buffer> {
  if (Number(headers['content-length']) > maxBytes) throw new BodyTooLargeError(maxBytes)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const stop = (): void => {
      raw.off('data', take).off('end', finish).off('error', breakOff).off('close', breakOff)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes <= maxBytes) return void chunks.push(chunk)
      stop()
      reject(new BodyTooLargeError(maxBytes))
    }
    const finish = (): void => {
      stop()
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    }
    const breakOff = (): void => {
      stop()
      reject(new AppError('VALIDATION_FAILED', 'The connection closed before the whole body arrived; send it again.'))
    }
    raw.on('data', take).on('end', finish).on('error', breakOff).on('close', breakOff)
  })
}
