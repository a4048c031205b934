import { describe, expect, it } from 'vitest'
import { readPreview } from './read-preview'

type Asked = Parameters<typeof readPreview>[1]

const BOM = '\ufeff'

const preview = (name: string, content: string | Uint8Array<ArrayBuffer>, asked: Partial<Asked> = {}) =>
  readPreview(new File([content], name), { format: undefined, encoding: undefined, ...asked })

const recordsOf = async (name: string, content: string, asked?: Partial<Asked>) =>
  (await preview(name, content, asked)).records

const utf16 = (text: string, isBig: boolean): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), !isBig)
  return bytes
}

describe('the first rows of CSV', () => {
  it.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['bars', '|'],
  ])('are cut at %s', async (_name, delimiter) => {
    const text = [`Order ID${delimiter}Sales`, `A-1${delimiter}1`, `A-2${delimiter}2`].join('\n')
    expect(await recordsOf('sales.csv', text)).toEqual({
      headers: ['Order ID', 'Sales'],
      rows: [
        ['A-1', '1'],
        ['A-2', '2'],
      ],
      delimiter,
    })
  })

  it('begin where the options say, and are cut and quoted as they say', async () => {
    const text = "Bank of X\n\nid;name\n1;'a;b'\n"
    const records = await recordsOf('sales.csv', text, { skipLines: 2, delimiter: ';', quote: "'" })
    expect(records).toMatchObject({ headers: ['id', 'name'], rows: [['1', 'a;b']] })
    const unquoted = await recordsOf('sales.csv', 'id;name\n1;5" pipe\n2;"x\n', { delimiter: ';', quote: 'none' })
    expect(unquoted!.rows).toEqual([
      ['1', '5" pipe'],
      ['2', '"x'],
    ])
  })

  it('heed a first line that names the delimiter', async () => {
    expect(await recordsOf('sales.csv', `${BOM}sep=|\r\nid|a,b\r\n1|2,3\r\n`)).toMatchObject({
      headers: ['id', 'a,b'],
      rows: [['1', '2,3']],
    })
  })

  it('keep what is quoted: delimiters, quotes, line ends', async () => {
    const records = await recordsOf('sales.csv', '"Name, first","Say ""hi"""\r\n"one\r\ntwo","a,b"\r\n')
    expect(records!.headers).toEqual(['Name, first', 'Say "hi"'])
    expect(records!.rows).toEqual([['one\r\ntwo', 'a,b']])
  })

  it('begin behind a byte order mark', async () => {
    expect((await recordsOf('sales.csv', `${BOM}id,price\n1,2\n`))!.headers).toEqual(['id', 'price'])
    expect((await recordsOf('sales.csv', `${BOM}"id",price\n1,2\n`))!.headers).toEqual(['id', 'price'])
  })

  it('have headers as they are: empty, twice, padded, in any script', async () => {
    expect((await recordsOf('sales.csv', 'id,,id, Größe ,数量\n1,2,3,4,5\n'))!.headers).toEqual([
      ...['id', '', 'id', ' Größe ', '数量'],
    ])
  })

  it('leave out the record that the end of the sample cut', async () => {
    const line = `1,${'x'.repeat(100_000)}\n`
    const records = await recordsOf('sales.csv', `id,text\n${line.repeat(4)}`)
    expect(records!.rows.map(([, text]) => text!.length)).toEqual([100_000, 100_000])
  })

  it('are twenty at most, and all of a short file without a line end', async () => {
    expect((await recordsOf('sales.csv', `id\n${'1\n'.repeat(50)}`))!.rows).toHaveLength(20)
    expect((await recordsOf('sales.csv', 'id,name\n1,a\n2,b'))!.rows).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ])
  })

  it('of a .tsv are cut at tabs alone, with backslashes as they are', async () => {
    expect(await recordsOf('sales.tsv', 'path\tnote,more\nC:\\new\t"a\tb"\n')).toMatchObject({
      headers: ['path', 'note,more'],
      rows: [['C:\\new', 'a\tb']],
    })
  })
})

describe('the first rows of JSON', () => {
  const rows = { headers: ['id', 'price'], rows: [['1', '12345678901234.5678']] }

  it.each([
    ['an array', 'a.json', '[{"id":1,"price":12345678901234.5678}]'],
    ['an array over lines', 'a.json', '[\n  {\n    "id": 1,\n    "price": 12345678901234.5678\n  }\n]\n'],
    ['data in an object', 'a.json', '{"total":1,"data":[{"id":1,"price":12345678901234.5678}]}'],
    ['data in an object, with a line end', 'a.json', '{"data":[{"id":1,"price":12345678901234.5678}]}\n'],
    ['data in an object, without an ending', 'export', '{"data":[\n{"id":1,"price":12345678901234.5678}\n]}\n'],
    ['behind a byte order mark', 'a.json', `${BOM}[{"id":1,"price":12345678901234.5678}]`],
    ['lines', 'a.ndjson', '{"id":1,"price":12345678901234.5678}\n'],
    ['lines that are called .json', 'a.json', '{"id":1,"price":12345678901234.5678}\n'],
    ['lines with empty ones and carriage returns', 'a.jsonl', '\r\n{"id":1,"price":12345678901234.5678}\r\n\r\n'],
  ])('are read from %s, with every digit', async (_form, name, text) => {
    expect(await recordsOf(name, text)).toEqual(rows)
  })

  it('have the keys of all records as headers, in the order in which they come', async () => {
    expect(await recordsOf('a.json', '[{"b":1},{"a":null,"b":{"c":[1]}}]')).toEqual({
      headers: ['b', 'a'],
      rows: [
        ['1', ''],
        ['{"c":[1]}', ''],
      ],
    })
  })

  it('are not cut at brackets and quotes within texts', async () => {
    const note = 'a } ] " \\ { ['
    expect((await recordsOf('a.json', JSON.stringify([{ note }, { note: 'b' }])))!.rows).toEqual([[note], ['b']])
  })

  it('leave out what the end of the sample cut, and what is no object', async () => {
    const element = JSON.stringify({ id: 'x'.repeat(100_000) })
    expect((await recordsOf('a.json', `[${[element, element, element, element].join()}]`))!.rows).toHaveLength(2)
    expect((await recordsOf('a.ndjson', `${element}\n`.repeat(4)))!.rows).toHaveLength(2)
    expect((await recordsOf('a.ndjson', '[1]\n"text"\n{"id":\n{"id":1}\n'))!.rows).toEqual([['1']])
  })
})

describe('what is said of a file', () => {
  it.each([
    ['sales.csv', '', 'The file is empty.'],
    ['sales.xlsx', 'PK\u0003\u0004', 'This is a zip archive or an Excel workbook.'],
    ['sales.csv.gz', 'anything', 'A file that is compressed (gzip)'],
    ['sales.csv.zst', 'anything', 'A file that is compressed (zstd)'],
    ['sales.xml', '<a/>', 'A file in XML'],
    ['no-ending', '<?xml version="1.0"?><a/>', 'A file in XML'],
    ['sales.csv', 'PAR1', 'A file in Parquet'],
    ['sales.json', '[]', 'No record at the beginning of the file can be read as json.'],
  ])('%s with %j: %s', async (name, content, remark) => {
    const { records, remark: said } = await preview(name, content)
    expect(records).toBeUndefined()
    expect(said).toContain(remark)
  })

  it('follows the content where the name tells nothing, and the reader before both', async () => {
    expect((await preview('export', 'a;b\n1;2\n')).form.format).toBe('csv')
    expect((await preview('export', '[{"a":1}]')).form.format).toBe('json')
    expect((await preview('export.txt', '{"a":1}\n{"a":2}\n')).form.format).toBe('ndjson')
    expect((await recordsOf('export.csv', 'a\tb,c\n1\t2\n', { format: 'tsv' }))!.headers).toEqual(['a', 'b,c'])
  })

  it('reads UTF-16 by its mark, windows-1252 when it is told, and doubts what is not valid', async () => {
    for (const isBig of [false, true]) {
      const { records, isEncodingDoubtful } = await preview('sales.csv', utf16(`${BOM}Größe\n1\n`, isBig))
      expect([records!.headers, isEncodingDoubtful]).toEqual([['Größe'], false])
    }
    const latin = Uint8Array.from([...'Gr\u00f6\u00dfe\n1\n'].map((character) => character.charCodeAt(0)))
    expect((await preview('sales.csv', latin)).isEncodingDoubtful).toBe(true)
    const told = await preview('sales.csv', latin, { encoding: 'windows-1252' })
    expect([told.records!.headers, told.isEncodingDoubtful]).toEqual([['Größe'], false])
  })

  it('does not doubt a character that only the end of the sample cut', async () => {
    const text = `id\n${'é'.repeat(200_000)}`
    expect((await preview('sales.csv', text)).isEncodingDoubtful).toBe(false)
  })
})
