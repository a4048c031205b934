import {
  applyDecorators,
  Header,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common'
import { replyOf } from '../http/http-context.js'
import { stringify } from 'lossless-json'
import type { Observable } from 'rxjs'
import { JSON_CONTENT_TYPE } from './raw-json-response.decorator.js'

/** The body holds exact numbers (LosslessNumber), which are written with all of their digits. */
export function LosslessJson(): MethodDecorator {
  return applyDecorators(Header('content-type', JSON_CONTENT_TYPE), UseInterceptors(LosslessJsonInterceptor))
}

@Injectable()
class LosslessJsonInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // Fastify gives a serializer texts too: a problem is JSON already.
    const serialize = (body: unknown): string => (typeof body === 'string' ? body : stringify(body)!)
    replyOf(context).serializer(serialize)
    return next.handle()
  }
}
