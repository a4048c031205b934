import { describe, expect, it } from 'vitest'
import type { WantedField } from '../../mapping/source-header.js'
import { streamSource } from '../byte-source.js'
import { csvChunks } from './csv-cutter.js'
import { openCsv, type CsvOptions } from './csv-source.js'
import type { RecordSource } from '../record-source.js'

async function opened(text: string, options: CsvOptions = {}): Promise<RecordSource> {
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.from(text)
  }
  return openCsv(streamSource(pieces()), options)
}

const wanting = (...names: string[]): WantedField[] =>
  names.map((name) => ({ name, isExplicit: false, mayBeAbsent: false }))

/** The header, and each record's line and fields. */
async function read(text: string, options: CsvOptions = {}): Promise<{ header: string[]; records: unknown[] }> {
  const source = await opened(text, options)
  const records: unknown[] = []
  for await (const chunk of source.chunks({ chunkBytes: 1, used: new Set([0]) }))
    for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++)
      records.push([
        chunk.record(row).line,
        ...(chunk.fault(row) ? [chunk.fault(row)!.reason] : chunk.fields!([row])[0]!),
      ])
  return { header: source.header, records }
}

describe('the delimiter of a header', () => {
  it.each([
    ['two columns, semicolons in the values', 'id,tags\n1,red;green;blue\n2,red;green;blue\n', ['id', 'tags']],
    ['two columns, commas in the values', 'id;tags\n1;red,green,blue\n2;red,green,blue\n', ['id', 'tags']],
    ['two columns, bars in the values', 'id\ttags\n1\ta|b|c\n', ['id', 'tags']],
    ['three columns, commas in the values', 'a;b;c\n1,2,3;4,5;6,7,8,9\n', ['a', 'b', 'c']],
    ['one column, semicolons in the values', 'tags\nred;green;blue\n', ['tags']],
    ['one column, and no record', 'tags', ['tags']],
    ['quoted names with the others in them', '"a;b;c","d|e|f"\n1,2\n', ['a;b;c', 'd|e|f']],
    ['a quoted name with more of the others', 'a;"x,y,z,w"\n1;2\n', ['a', 'x,y,z,w']],
    ['quoted names of one column', '"a,b,c"\nx;y\n', ['a,b,c']],
    ['a name with commas, told by the records', 'Price (a,b,c);Amount\n1;2\n3;4\n', ['Price (a,b,c)', 'Amount']],
  ])('is that of %s', async (_what, text, header) => {
    expect((await opened(text)).header).toEqual(header)
  })

  it('is the one with which it has the names that are looked for', async () => {
    const text = 'Transaction Id;Date, local, of sale;total_price\n1,2,3\n'
    const wanted = wanting('TransactionId', 'TotalPrice')
    expect((await opened(text, { wanted })).header).toEqual(['Transaction Id', 'Date, local, of sale', 'total_price'])
    const other = 'TransactionId,a;b;c;d;e,TotalPrice\n1;2;3;4;5\n'
    expect((await opened(other, { wanted })).header).toEqual(['TransactionId', 'a;b;c;d;e', 'TotalPrice'])
    expect((await opened('one|two;three|four;x\n', { wanted: wanting('two;three') })).header).toHaveLength(3)
  })

  it('is told to whoever reads the rejected records, where their header alone does not', async () => {
    const source = await opened('Price (a,b,c);Amount\n1;2\n3;4\n')
    expect(source.headerRecord.toString()).toBe('sep=;\nPrice (a,b,c);Amount')
    expect((await opened(`${source.headerRecord.toString()}\nx;2;3\n`)).header).toEqual(['Price (a,b,c)', 'Amount'])
    expect((await opened('id;tags\n1;2\n')).headerRecord.toString()).toBe('id;tags')
  })
})

describe('a first line that tells the delimiter', () => {
  it.each([
    ['sep=;', ';'],
    ['SEP=;', ';'],
    ['Sep=,', ','],
    ['"sep=;"', ';'],
    ['sep=\t', '\t'],
    ['"sep=|"', '|'],
    ['sep=^', '^'],
    ['sep=:', ':'],
    ['sep= ', ' '],
    ['sep=;;;;', ';'],
    ['"sep=;";;', ';'],
    ['sep=,  ', ','],
  ])('is heeded and counted: %j', async (line, delimiter) => {
    for (const [mark, lineEnd] of [
      ['', '\n'],
      ['\ufeff', '\r\n'],
      ['\ufeff\r\n', '\r\n'],
    ]) {
      const before = mark!.includes('\n') ? 1 : 0
      const text = `${mark}${[line, ['id', 'name'].join(delimiter), `1${delimiter}"a\n,;"`, `2${delimiter}b`].join(lineEnd)}`
      expect(await read(text), JSON.stringify(text)).toEqual({
        header: ['id', 'name'],
        records: [
          [3 + before, '1', 'a\n,;'],
          [5 + before, '2', 'b'],
        ],
      })
    }
  })

  it('wins over the delimiter of TSV, and stands in the rejected records again', async () => {
    const source = await opened('sep=;\nid;name\n', { delimiter: '\t' })
    expect([source.header, source.headerRecord.toString()]).toEqual([['id', 'name'], 'sep=;\nid;name'])
    const tabs = await opened('sep=\t\nid\tname\n', { delimiter: '\t' })
    expect([tabs.header, tabs.headerRecord.toString()]).toEqual([['id', 'name'], 'id\tname'])
  })

  it.each(['sep=\n1\n', 'sep=ab,c\n1,2\n', 'sep,=\n1,2\n', 'a,sep=;\n1,2\n', '"sep=""",b\n1,2\n'])(
    'is not seen in %j',
    async (text) => {
      expect((await opened(text)).header.join()).toContain('sep')
    },
  )

  it('is refused where it names what cannot be one', async () => {
    await expect(opened('sep=§\nid§name\n')).rejects.toThrow('not one ASCII character')
    await expect(opened('sep=;\n')).rejects.toThrow('The file is empty')
    await expect(opened('sep=;')).rejects.toThrow('The file is empty')
  })
})

describe('byte order marks', () => {
  it.each([',', '\t'])('are dropped where a record begins (%j)', async (delimiter) => {
    const line = (...fields: string[]): string => `${fields.join(delimiter)}\r\n`
    const text = [
      `\ufeff\ufeff${line('"id"', 'name')}`,
      line('1', 'a'),
      `\ufeff${line('2', 'b')}`,
      `\ufeff${line('"3"', '"c\r\n\ufeffd"')}`,
      `\ufeff\r\n`,
      `\ufeff\ufeff${line('4\ufeff', '\ufeffe')}`,
      line('"\ufeff5"', 'f'),
      `\ufeff${line('6')}`,
      '\ufeff',
    ].join('')
    expect(await read(text, { delimiter })).toEqual({
      header: ['id', 'name'],
      records: [
        [2, '1', 'a'],
        [3, '2', 'b'],
        [4, '3', 'c\r\n\ufeffd'],
        [7, '4\ufeff', '\ufeffe'],
        [8, '\ufeff5', 'f'],
        [9, 'expected 2 fields, found 1'],
      ],
    })
  })

  it('are dropped however the bytes arrive, and kept where they are the half of one', async () => {
    const bytes = Buffer.concat([Buffer.from('1,a\n\ufeff2,b\n'), Buffer.from('efbb2c630aefbf2c640aefbb', 'hex')])
    let at = 0
    const source = { read: async (target: Buffer): Promise<number> => bytes.copy(target, 0, at, ++at) }
    const texts: string[] = []
    for await (const chunk of csvChunks(source, { delimiter: ',', fields: 2 }))
      for (let row = 1; row <= chunk.rows; row++) texts.push(chunk.record(row).raw.toString('latin1'))
    expect(texts).toEqual(['1,a', '2,b', '\xef\xbb,c', '\xef\xbf,d', '\xef\xbb'])
  })
})
