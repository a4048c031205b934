import { describe, expect, it } from 'vitest'
import type { ByteSource } from '../byte-source.js'
import { openJson, openNdjson } from './json-source.js'
import type { RecordSource } from '../record-source.js'

const MARK = '\ufeff'

function bytesOf(text: string): ByteSource {
  let rest = Buffer.from(text)
  return {
    read: async (target) => {
      const taken = rest.copy(target, 0, 0, 7)
      rest = rest.subarray(taken)
      return taken
    },
  }
}

async function read(source: RecordSource): Promise<unknown[]> {
  const records: unknown[] = []
  for await (const chunk of source.chunks({ chunkBytes: 1, used: new Set([0]) })) {
    for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++)
      records.push(chunk.fault(row)?.reason ?? [chunk.record(row).line, chunk.fields!([row])[0]![0]])
  }
  return records
}

describe('byte order marks between records', () => {
  it('are dropped in NDJSON, and kept in values', async () => {
    const text = `${MARK}${MARK}{"a":1}\n${MARK}{"a":2}\r\n${MARK}\n${MARK} ${'{"a":"' + MARK + '3"}'}\n${MARK}`
    expect(await read(await openNdjson(bytesOf(text), []))).toEqual([
      [1, '1'],
      [2, '2'],
      [4, `${MARK}3`],
    ])
  })

  it('are dropped in an array of JSON, and kept in values', async () => {
    const text = `${MARK}${MARK}[${MARK}{"a":1},\n${MARK}{"a":2}${MARK},{"a":"${MARK}3"}\n${MARK}]${MARK}\n`
    expect(await read(await openJson(bytesOf(text), []))).toEqual([
      [1, '1'],
      [2, '2'],
      [2, `${MARK}3`],
    ])
  })
})
