import { describe, expect, it } from 'vitest'
import { contentTypeOf, countRows } from './output-formats.js'

describe('countRows', () => {
  it.each([
    ['JSONEachRow', '{"a":"x\\ny"}\n{"a":1}\n', 2],
    ['TSVWithNames', 'a\tb\n1\t2\n', 1],
    ['TabSeparatedWithNamesAndTypes', 'a\nInt8\n1\n2\n', 2],
    ['CSV', '1,"two\nlines, ""quoted"""\n2,x\n', 2],
    ['CSVWithNames', '"a"\n', 0],
    ['JSON', '{\n\t"data": [],\n\n\t"rows": 17,\n\n\t"rows_before_limit_at_least": 99\n}\n', 17],
    ['JSONEachRow', '', 0],
    ['Parquet', 'PAR1\nPAR1', undefined],
  ])('counts the rows of %s', (format, text, rows) => {
    expect(countRows(format, Buffer.from(text))).toBe(rows)
  })
})

describe('contentTypeOf', () => {
  it('tells headers of CSV apart', () => {
    expect(contentTypeOf('CSV')).toBe('text/csv; charset=UTF-8; header=absent')
    expect(contentTypeOf('CSVWithNames')).toBe('text/csv; charset=UTF-8; header=present')
    expect(contentTypeOf('JSONCompactEachRow')).toBe('application/x-ndjson; charset=UTF-8')
    expect(contentTypeOf('JSONCompact')).toBe('application/json; charset=UTF-8')
  })
})
