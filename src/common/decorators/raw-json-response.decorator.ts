import { applyDecorators, Header } from '@nestjs/common'

/** JSON that is sent as it is: PostgreSQL wrote it, with decimals in their exact digits. */
export type RawJson = string

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8'

/** The handler gives RawJson. */
export function RawJsonResponse(): MethodDecorator {
  return applyDecorators(Header('content-type', JSON_CONTENT_TYPE))
}
