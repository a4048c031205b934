import { expect, it } from 'vitest'
import { negotiate } from './answer-formats.js'

it.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
  ['text/csv', 'text/csv'],
  ['Text/CSV; header=present', 'text/csv'],
  ['text/*', 'text/csv'],
  ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
  ['text/csv;q=0, application/vnd.apache.parquet', 'application/vnd.apache.parquet'],
])('Accept %j is answered with %s', (accept, mediaType) => {
  expect(negotiate(accept).mediaType).toBe(mediaType)
})

it.each(['text/html', 'image/*', 'application/json;q=0', ';;;', 'x'])('Accept %j is refused', (accept) => {
  expect(() => negotiate(accept)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_FORMAT' }))
})
