import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../common/app-error.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** the content type that a raw upload was sent with */
    uploadContentType?: string
  }
}

const STREAM_TYPE = 'application/octet-stream'

/**
 * Bodies of routes with `streamBody` reach the handler as the socket's stream, whatever their type: nothing is read
 * before the handler asks. Elsewhere only JSON bodies are taken.
 */
export function passUploadsAsStreams(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request
    if (request.routeOptions.config.streamBody && !headers['content-type']?.startsWith('multipart/form-data')) {
      request.uploadContentType = headers['content-type'] ?? ''
      // One parser serves every type of file, JSON included.
      headers['content-type'] = STREAM_TYPE
    }
    done()
  })
  fastify.addContentTypeParser(STREAM_TYPE, (request: FastifyRequest, payload, done) => {
    if (request.routeOptions.config.streamBody) return done(null, payload)
    done(new AppError('UNSUPPORTED_FORMAT', 'The body must be application/json.'))
  })
}
