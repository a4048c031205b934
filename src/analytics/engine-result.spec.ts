import { expect, it } from 'vitest'
import { readEngineResult } from './engine-result.js'

const document = (data: string, rows: number) =>
  Buffer.from(
    `{\n\t"meta":\n\t[\n\t\t{\n\t\t\t"name": "a",\n\t\t\t"type": "String"\n\t\t}\n\t],\n\n\t"data":\n\t[\n${data}\n\t],\n\n` +
      `\t"rows": ${rows},\n\n\t"rows_before_limit_at_least": 9,\n\n` +
      '\t"statistics":\n\t{\n\t\t"elapsed": 0.001,\n\t\t"rows_read": 1000,\n\t\t"bytes_read": 8000\n\t}\n}\n',
  )

it('takes the rows out of the engine’s document as they are', () => {
  const row = '\t\t{\n\t\t\t"a": "x\\ny\\t],\\n\\n\\t\\"rows\\": 7 \\"data\\":",\n\t\t\t"b": 12.5000\n\t\t}'
  const { data, rows, rowsRead } = readEngineResult(document(`${row},\n${row}`, 2))
  const compact = '{"a": "x\\ny\\t],\\n\\n\\t\\"rows\\": 7 \\"data\\":","b": 12.5000}'
  expect(data.toString()).toBe(`[${compact},${compact}]`)
  expect([rows, rowsRead]).toEqual([2, 1000])
})

it('takes no rows as an empty array', () => {
  expect(readEngineResult(document('', 0))).toMatchObject({ data: Buffer.from('[]'), rows: 0 })
})

it('refuses anything else', () => {
  expect(() => readEngineResult(Buffer.from('[]'))).toThrow('unknown form')
})
