import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { hasBody } from '../common/http/has-body.js'

const FORM = /^\s*multipart\/form-data(?=\s*(;|$))/i
const STREAM_TYPE = 'application/octet-stream'

/**
 * Every body reaches the guards as the socket's stream, whatever its type: nothing is read before JsonBodyGuard or a
 * handler asks. The type is set aside and not left to a parser for all types (`*`): Fastify refuses a malformed one itself,
 * before the guards could say 401. Call it before the routes are registered.
 */
export function leaveBodiesUnread(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.removeContentTypeParser(['application/json', 'text/plain'])
  fastify.addContentTypeParser(STREAM_TYPE, (_request, payload, done) => done(null, payload))
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request
    const { streamBody } = request.routeOptions.config
    // Clients that name a type with every request also name one where they send nothing.
    const type = hasBody(headers) ? (headers['content-type'] ?? '') : ''
    if (streamBody && FORM.test(type)) {
      // The form's parser knows its type in lower case only (RFC 9110, 8.3.1).
      headers['content-type'] = type.replace(FORM, (name) => name.toLowerCase())
    } else if (streamBody || hasBody(headers)) {
      request.bodyType = type
      headers['content-type'] = STREAM_TYPE
    } else delete headers['content-type']
    done()
  })
}
