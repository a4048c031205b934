import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { detectCompression, detectFormat } from './detect-format.js'

describe('detectFormat', () => {
  it.each([
    ['PAR1\x15\x04', 'parquet'],
    ['PARE\x15\x04', 'parquet'],
    ['<?xml version="1.0"?><r/>', 'xml'],
    ['\n  <rows><row/></rows>', 'xml'],
    ['<!-- made today --><r/>', 'xml'],
    ['<!DOCTYPE r><r/>', 'xml'],
    ['<größe/>', 'xml'],
    ['< 5,b\n1,2\n', 'csv'],
    ['[{"a":1},{"a":2}]', 'json'],
    [' [\n  {\n    "a": 1\n', 'json'],
    ['[]', 'json'],
    ['[', 'json'],
    ['[a],[b]\n1,2\n', 'csv'],
    ['{"data":[{"a":1}]}', 'json'],
    ['{"data":[{"a":1},\n{"a":2}]}', 'json'],
    ['{"data":[{"a":1}', 'json'],
    ['{ "data" :\n[', 'json'],
    ['{\n  "data": [\n    {\n', 'json'],
    ['{\n"a": 1\n}\n', 'json'],
    ['{', 'json'],
    ['{"a":1}\n{"a":2}\n', 'ndjson'],
    ['{"a":1}\r\n\r\n{"a":2}\r\n', 'ndjson'],
    ['{"a":1}', 'ndjson'],
    ['{"a":1}\n', 'ndjson'],
    ['{"a":oops}\n{"a":2}\n', 'ndjson'],
    ['{"a":1}\noops\n', 'ndjson'],
    ['{"data":[1]}\n{"data":[2]}\n', 'ndjson'],
    [`{"a":"${'x'.repeat(100_000)}`, 'ndjson'],
    ['id,name\n1,2\n', 'csv'],
    ['id\tname\n', 'csv'],
    ['"{""a"":1}",b\n', 'csv'],
    ['', 'csv'],
    ['\n\n', 'csv'],
  ])('takes %j for %s', (text, format) => {
    expect(detectFormat(Buffer.from(text))).toBe(format)
    if (format === 'parquet') return
    expect(detectFormat(Buffer.from(`\ufeff${text}`))).toBe(format)
    expect(detectFormat(Buffer.from(`\ufeff${text}`, 'utf16le'))).toBe(format)
    expect(detectFormat(Buffer.from(`\ufeff${text}`, 'utf16le').swap16())).toBe(format)
  })

  it('takes any bytes', () => {
    for (const hex of ['ff', 'feff00', 'fffe00', '00', 'c3', '1f8b08', '28b52ffd'])
      expect(detectFormat(Buffer.from(hex, 'hex'))).toBe('csv')
  })
})

describe('detectCompression', () => {
  it('tells gzip and zstd by their magic', () => {
    expect(detectCompression(gzipSync('id,name\n'))).toBe('gzip')
    expect(detectCompression(Buffer.from('28b52ffd00', 'hex'))).toBe('zstd')
    for (const nibble of '0123456789abcdef')
      expect(detectCompression(Buffer.from(`5${nibble}2a4d1803000000`, 'hex'))).toBe('zstd')
  })

  it('takes other bytes as they are', () => {
    for (const hex of ['', '1f', '1f8b', '28b52f', '602a4d18', '50414b31'])
      expect(detectCompression(Buffer.from(hex, 'hex'))).toBe('none')
  })
})
