import { applyDecorators, Header } from '@nestjs/common'

/** The handler gives JSON text, which is sent as it is. */
export function SendsJsonText(): MethodDecorator {
  return applyDecorators(Header('content-type', 'application/json; charset=utf-8'))
}
