import { expect, it } from 'vitest'
import { negotiate } from './media-types.js'

const MEDIA_TYPES = ['application/json', 'text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet']

it.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
  ['text/csv', 'text/csv'],
  ['Text/CSV; header=present', 'text/csv'],
  ['TEXT/CSV', 'text/csv'],
  ['text/*', 'text/csv'],
  ['text/csv, application/json;q=0.9', 'text/csv'],
  ['application/json', 'application/json'],
  ['application/json, text/csv;q=0.9', 'application/json'],
  ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
  ['text/csv;q=0, application/vnd.apache.parquet', 'application/vnd.apache.parquet'],
])('Accept %j is answered with %s', (accept, mediaType) => {
  expect(negotiate(accept, MEDIA_TYPES)).toBe(mediaType)
})

it.each(['text/html', 'text/csvx', 'image/*', 'application/json;q=0', ';;;', 'x'])('Accept %j is refused', (accept) => {
  expect(negotiate(accept, MEDIA_TYPES)).toBeUndefined()
})
