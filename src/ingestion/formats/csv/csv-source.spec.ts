import { describe, expect, it } from 'vitest'
import { streamSource } from '../byte-source.js'
import { readPastLines } from '../skipped-lines.js'
import { openCsv, type CsvOptions } from './csv-source.js'
import type { RecordSource } from '../record-source.js'

async function opened(text: string): Promise<RecordSource> {
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.from(text)
  }
  return openCsv(streamSource(pieces()))
}

const delimiterOf = ({ input }: RecordSource): unknown => input.settings.format_csv_delimiter

const DELIMITERS = [
  [',', 'commas'],
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'bars'],
] as const

/** `text`, and the line and number of bytes that its first record comes after. */
async function firstChunkOf(text: string): Promise<{ line: number; raw: string; bytesEnd: number }> {
  const source = await opened(text)
  const { value } = await source.chunks({ chunkBytes: 1, used: new Set([0]) }).next()
  const { raw, line } = value!.record(1)
  return { line, raw: raw.toString(), bytesEnd: value!.bytesEnd }
}

describe('empty lines before the header', () => {
  it.each([
    ['none', 0, '\n'],
    ['a few', 3, '\r\n'],
    ['more than a chunk has room for', 40_000, '\n'],
    ['more than a sample has room for', 3_000_000, '\n'],
    ['such as Windows has', 1_500_001, '\r\n'],
  ])('are read past: %s', async (_name, count, lineEnd) => {
    const text = `\ufeff${lineEnd.repeat(count)}id,name${lineEnd}1,a${lineEnd}`
    expect((await opened(text)).header).toEqual(['id', 'name'])
    expect(await firstChunkOf(text)).toEqual({ line: count + 2, raw: '1,a', bytesEnd: Buffer.byteLength(text) - 3 })
  })

  it('hold nothing else up', async () => {
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    let pieces = 50
    const source = {
      read: async (target: Buffer): Promise<number> => {
        await new Promise((done) => setImmediate(done))
        if (pieces-- > 0) target.fill('\n')
        return pieces >= 0 ? target.length : 0
      },
    }
    await expect(openCsv(source)).rejects.toThrow('The file is empty')
    clearInterval(counting)
    expect(turns).toBeGreaterThan(1)
  })
})

describe('openCsv', () => {
  describe.each(DELIMITERS)('with %j', (delimiter) => {
    const others = DELIMITERS.map(([other]) => other).filter((other) => other !== delimiter)
    const sniffed = async (rows: string[][]): Promise<unknown> =>
      delimiterOf(await opened(rows.map((row) => row.join(delimiter)).join('\n')))

    it('is sniffed from a plain table', async () => {
      const source = await opened(['id', 'name', 'price'].join(delimiter) + '\n' + ['1', 'a', '2'].join(delimiter))
      expect(delimiterOf(source)).toBe(delimiter)
      expect(source.header).toEqual(['id', 'name', 'price'])
    })

    it('is sniffed from a header alone', async () => {
      expect(await sniffed([['id', 'name', 'price']])).toBe(delimiter)
    })

    it('is sniffed where quoted values contain the others', async () => {
      for (const other of others) {
        const quoted = `"a${other}b${other}c${other}d${other}e"`
        const rows = Array.from({ length: 10 }, (_, at) => [String(at), quoted, quoted, 'x'])
        expect(await sniffed([['id', 'name', 'note', 'end'], ...rows]), other).toBe(delimiter)
      }
    })

    it('is sniffed where quoted header names contain the others', async () => {
      for (const other of others)
        expect(
          await sniffed([
            ['id', `"name${other} first${other} last"`, 'price'],
            ['1', 'a', '2'],
          ]),
          other,
        ).toBe(delimiter)
    })

    it('is sniffed where some values contain the others without quotes', async () => {
      for (const other of others) {
        const rows = Array.from({ length: 10 }, (_, at) => [String(at), at % 3 === 0 ? `a${other}b` : 'a', 'x'])
        expect(await sniffed([['id', 'name', 'note'], ...rows]), other).toBe(delimiter)
      }
    })

    it('is sniffed where quoted values span lines', async () => {
      const rows = Array.from({ length: 10 }, (_, at) => [String(at), `"line 1,;|\nline 2,;|"`, 'x'])
      expect(await sniffed([['id', 'name', 'note'], ...rows])).toBe(delimiter)
    })
  })

  it('is a comma for a single column, and for decimal commas in a file with semicolons a semicolon', async () => {
    expect(delimiterOf(await opened('id\n1\n2\n'))).toBe(',')
    expect(delimiterOf(await opened('id;price;total\n1;2,50;5,00\n2;3,10;6,20\n'))).toBe(';')
  })
})

describe('openCsv with options', () => {
  /** Opens it behind its first lines; gives its header, what its rejected records begin with, and its records. */
  async function read(text: string, { skipLines = 0, ...options }: CsvOptions & { skipLines?: number } = {}) {
    async function* pieces(): AsyncGenerator<Buffer> {
      for (const byte of Buffer.from(text)) yield Buffer.from([byte])
    }
    const { skipped, rest } = await readPastLines(streamSource(pieces()), skipLines)
    const source = await openCsv(rest, { ...options, skipped })
    const records: unknown[] = []
    let bytesEnd = 0
    for await (const chunk of source.chunks({ chunkBytes: 1, used: new Set([0]) })) {
      for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++)
        records.push([chunk.record(row).line, ...(chunk.fault(row) ? ['fault'] : chunk.fields!([row])[0]!)])
      bytesEnd = chunk.bytesEnd
    }
    expect(bytesEnd).toBe(Buffer.byteLength(text))
    return { header: source.header, headerRecord: source.headerRecord.toString(), records }
  }

  it('takes the delimiter that was asked for before a line that names one, and skips that line', async () => {
    expect(await read('sep=;\na;b|c\n1|2\n', { requiredDelimiter: '|' })).toEqual({
      header: ['a;b', 'c'],
      headerRecord: 'a;b|c',
      records: [[3, '1', '2']],
    })
  })

  it('refuses a delimiter that ClickHouse would take for something else', async () => {
    await expect(read('sep=.\na.b\n')).rejects.toThrow('The first line names a delimiter, which must be one ASCII')
  })

  it('finds the delimiter of a header with other quotes', async () => {
    const single = await read(`id;'a,b,c,d';x\n1;'it''s; "so"';3\n`, { quote: "'" })
    expect(single.header).toEqual(['id', 'a,b,c,d', 'x'])
    expect(single.records).toEqual([[2, '1', 'it\'s; "so"', '3']])
    const none = await read(`id;"a;b"\n"1;2;'3'\n`, { quote: 'none' })
    expect(none.header).toEqual(['id', '"a', 'b"'])
    expect(none.records).toEqual([[2, '"1', '2', "'3'"]])
  })

  it('counts skipped lines, and puts them before the header of the rejected records', async () => {
    const skipped = 'Report "1\n\n<x>;\n'
    expect(await read(`${skipped}\na;b\n1;2\n3\n`, { skipLines: 3 })).toEqual({
      header: ['a', 'b'],
      headerRecord: `${skipped}a;b`,
      records: [
        [6, '1', '2'],
        [7, 'fault'],
      ],
    })
  })

  it('heeds sep= in the first of the skipped lines and behind them', async () => {
    for (const text of ['sep=|\nnote\na;b;c|d\n1|2\n', 'note\nsep=|\na;b;c|d\n1|2\n'])
      expect((await read(text, { skipLines: text.startsWith('sep') ? 2 : 1 })).header).toEqual(['a;b;c', 'd'])
  })

  it('keeps of very long skipped lines only that they were there', async () => {
    const { headerRecord } = await read(`${'x'.repeat(70_000)}\ny\na,b\n1,2\n`, { skipLines: 2 })
    expect(headerRecord).toBe('\n\na,b')
  })

  it('says of a file with fewer lines that it ends before the table', async () => {
    await expect(read('a,b\n1,2', { skipLines: 2 })).rejects.toThrow('skipLines is 2, and it has 1 line ends')
    await expect(read('a,b\n', { skipLines: 1 })).rejects.toThrow('The file is empty')
  })
})
