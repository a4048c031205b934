import { applyDecorators, type Type } from '@nestjs/common'
import { ApiExtraModels, ApiOkResponse, ApiResponse, getSchemaPath } from '@nestjs/swagger'
import { ERROR_STATUS, type ErrorCode } from './app-error.js'
import { Pagination } from './pagination.dto.js'
import { Problem, titleOf } from './problem.js'

/** Documents the error answers of a route, each with an example: `@ApiProblems('NOT_FOUND', 'CONFLICT')`. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(Problem),
    ...codes.map((code) =>
      ApiResponse({
        status: ERROR_STATUS[code],
        description: titleOf(code),
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(Problem) },
            example: {
              type: `https://countinghouse.dev/problems/${code.toLowerCase().replaceAll('_', '-')}`,
              title: titleOf(code),
              status: ERROR_STATUS[code],
              detail: 'What was wrong and what to do about it.',
              code,
              requestId: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11',
              errors: [],
              ...(code === 'INSUFFICIENT_CREDITS' ? { required: 1, balance: 0 } : {}),
            },
          },
        },
      }),
    ),
  )
}

/** Documents a 200 with one page of `model`. */
export function ApiPage(model: Type<unknown>): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(model, Pagination),
    ApiOkResponse({
      schema: {
        type: 'object',
        required: ['data', 'pagination'],
        properties: {
          data: { type: 'array', items: { $ref: getSchemaPath(model) } },
          pagination: { $ref: getSchemaPath(Pagination) },
        },
      },
    }),
  )
}
