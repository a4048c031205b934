import { applyDecorators, type Type } from '@nestjs/common'
import { ApiExtraModels, ApiOkResponse, ApiResponse, getSchemaPath } from '@nestjs/swagger'
import { ERROR_STATUS, type ErrorCode } from '../errors/app-error.js'
import { Pagination } from '../pagination.dto.js'
import { Problem, titleOf, typeOf } from '../errors/problem.js'

const EXAMPLE_DETAIL: Record<ErrorCode, string> = {
  VALIDATION_FAILED: 'limit: must not be greater than 500',
  UNAUTHENTICATED: 'Send a valid API key in the header x-api-key, or as Authorization: Bearer KEY.',
  INSUFFICIENT_CREDITS: 'This request costs 1 credit and the balance is 0. Ask the operator for more credits.',
  KEY_CREDIT_LIMIT:
    'This request costs 1 credit; this key may spend 50 credits until 2026-12-01T00:00:00.000Z, and 50 are used. Ask the operator for a higher limit.',
  COST_LIMIT_EXCEEDED: 'This query costs 5 credits and maxCostCredits is 2. Raise it, or narrow the query.',
  FORBIDDEN: 'This key may not do that; only an admin may.',
  NOT_FOUND: 'The user does not exist.',
  METHOD_NOT_ALLOWED: 'DELETE is not possible here; use GET or POST.',
  NOT_ACCEPTABLE: 'This route responds with application/json; Accept names none of them.',
  CONFLICT: 'This username is taken.',
  OUT_OF_STOCK: 'Insufficient stock of "Yo-yo": requested 5, available 3.',
  PAYLOAD_TOO_LARGE: 'The body must not be larger than 1024 KiB.',
  UNSUPPORTED_FORMAT: 'The body must be application/json.',
  IDEMPOTENCY_MISMATCH:
    'This Idempotency-Key was used with another body, route or response format (Accept); use a new one.',
  INGESTION_FAILED: 'The file has no rows.',
  RATE_LIMITED: 'This key may send 60 queries a minute. Try again in 12 s.',
  INTERNAL: 'Something went wrong on our side; the request id finds it in the log.',
  UNAVAILABLE: 'The database cannot be reached; try again.',
  QUERY_TIMEOUT: 'The query took longer than is allowed; narrow its filters or its date range.',
  INSUFFICIENT_STORAGE:
    'There is no room on the disk for this upload: it needs 5000000000 bytes, and 1000000000 bytes are free for uploads.',
}

const EXAMPLE_EXTRA: Partial<Record<ErrorCode, object>> = {
  INSUFFICIENT_CREDITS: { required: 1, balance: 0 },
  KEY_CREDIT_LIMIT: { required: 1, limit: 50, used: 50, resetsAt: '2026-12-01T00:00:00.000Z' },
  COST_LIMIT_EXCEEDED: { cost: 5 },
  INSUFFICIENT_STORAGE: { requiredBytes: 5_000_000_000, freeBytes: 1_000_000_000 },
}

/** Documents the error responses of a route, each with an example: `@ApiProblems('NOT_FOUND', 'CONFLICT')`. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(Problem),
    ...[...new Set(codes.map((code) => ERROR_STATUS[code]))].map((status) =>
      ApiResponse({ status, ...problemResponse(...codes.filter((code) => ERROR_STATUS[code] === status)) }),
    ),
  )
}

const RETRY_AFTER = { 'Retry-After': { description: 'seconds until the next try', schema: { type: 'integer' } } }

/** An error response as the document has it, of all codes that share a status; the first of them is the example. */
export function problemResponse(...codes: ErrorCode[]) {
  return {
    description: codes.map(titleOf).join(' or '),
    'x-codes': codes,
    ...(codes.includes('RATE_LIMITED') && { headers: RETRY_AFTER }),
    content: {
      'application/problem+json': { schema: { $ref: getSchemaPath(Problem) }, example: exampleOf(codes[0]!) },
    },
  }
}

function exampleOf(code: ErrorCode): object {
  return {
    type: typeOf(code),
    title: titleOf(code),
    status: ERROR_STATUS[code],
    detail: EXAMPLE_DETAIL[code],
    code,
    requestId: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11',
    errors: code === 'VALIDATION_FAILED' ? [{ path: 'limit', message: 'must not be greater than 500' }] : [],
    ...EXAMPLE_EXTRA[code],
  }
}

/** Documents a 200 with one page of `model`, and other media types in which the whole can be had as a file. */
export function ApiPage(model: Type<unknown>, ...fileTypes: string[]): MethodDecorator & ClassDecorator {
  return ApiPageOf(model, Pagination, ...fileTypes)
}

/** As ApiPage, for a list of one of the models or another, as a parameter says. */
export function ApiPageOfEither(models: Type<unknown>[], ...fileTypes: string[]): MethodDecorator & ClassDecorator {
  return pageOfModels(models, Pagination, fileTypes)
}

/** As ApiPage, for a list whose pagination says more than the others'. */
export function ApiPageOf(
  model: Type<unknown>,
  pagination: Type<Pagination>,
  ...fileTypes: string[]
): MethodDecorator & ClassDecorator {
  return pageOfModels([model], pagination, fileTypes)
}

function pageOfModels(
  models: Type<unknown>[],
  pagination: Type<Pagination>,
  fileTypes: string[],
): MethodDecorator & ClassDecorator {
  const lists = models.map((model) => ({ type: 'array', items: { $ref: getSchemaPath(model) } }))
  const schema = {
    type: 'object',
    required: ['data', 'pagination'],
    properties: {
      data: lists.length === 1 ? lists[0]! : { oneOf: lists },
      pagination: { $ref: getSchemaPath(pagination) },
    },
  }
  const files = fileTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }] as const)
  return applyDecorators(
    ApiExtraModels(...models, pagination),
    ApiOkResponse({
      description: 'One page',
      content: { 'application/json': { schema }, ...Object.fromEntries(files) },
    }),
  )
}
