import { describe, expect, it } from 'vitest'
import type { StoredUploadSource } from '../uploads/stored-upload-source.js'
import { streamSource } from './byte-source.js'
import { openRecords } from './open-records.js'

function fileOf(text: string | Buffer): StoredUploadSource {
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(text as string)
  }
  return {
    source: streamSource(bytes()),
    wholeFile: () => Promise.reject(new Error('not used')),
    bytesRead: () => 0,
    close: async () => undefined,
  }
}

describe('openRecords', () => {
  it.each([
    ['csv', 'id\n1\n'],
    ['tsv', 'id\n1\n'],
    ['json', '[{"id":1}]'],
    ['ndjson', '{"id":1}\n'],
    ['xml', '<r><x id="1"/></r>'],
  ] as const)('reads %s behind any number of line feeds', async (format, text) => {
    for (const count of [0, 1, 70_000, 1_200_000]) {
      const source = await openRecords(fileOf('\n'.repeat(count) + text), format, [])
      expect(source.header).toEqual(['id'])
    }
  })

  it('says what a file is that is not what it was sent as, behind line feeds too', async () => {
    await expect(openRecords(fileOf(`${'\n'.repeat(70_000)}<r/>`), 'csv', [])).rejects.toThrow('seems to be XML')
  })

  it('takes a table whose header begins with a brace for one, and objects not', async () => {
    expect((await openRecords(fileOf('{id},name\n1,2\n'), 'csv', [])).header).toEqual(['{id}', 'name'])
    expect((await openRecords(fileOf('{id}\tname\n{1}\t2\n'), 'tsv', [])).header).toEqual(['{id}', 'name'])
    for (const text of ['{"id":1}\n{"id":2}\n', '{ "data": [{"id":1}] }', '{}\n{}\n'])
      await expect(openRecords(fileOf(text), 'csv', [])).rejects.toThrow(/seems to be (ND)?JSON/)
  })

  it('says of lines that end in carriage returns alone what to do, skipped or not', async () => {
    for (const skipLines of [0, 1, 5])
      await expect(openRecords(fileOf('title\rid,name\r1,2\r'), 'csv', [], { skipLines })).rejects.toThrow(
        'end in carriage returns alone; save it with line feeds',
      )
  })

  it('says which encoding of XML it does not read', async () => {
    const xml = (encoding: string) =>
      Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><r><x id="ä"/></r>`, 'latin1')
    await expect(openRecords(fileOf(xml('Shift_JIS')), 'xml', [])).rejects.toThrow(
      'declares the encoding "Shift_JIS"; supported are UTF-8, UTF-16, windows-1252 and ISO-8859-1',
    )
    await expect(openRecords(fileOf(xml('US-ASCII')), 'xml', [])).rejects.toThrow('not valid UTF-8 in line 1')
  })
})
