import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { BrokenFileError } from '../broken-file.error.js'
import { streamSource } from '../byte-source.js'
import { encodingOfXml } from './xml-parser.js'
import { readXmlBeginning } from './xml-beginning.js'
import { RecordPathFinder } from './xml-record-path.js'
import type { XmlChunk } from './xml-chunk.js'
import { xmlChunks, type XmlChunkOptions } from './xml-cutter.js'

const FIELDS = ['id', 'name', 'price']
const slots = (name: string): number | undefined => {
  const at = FIELDS.indexOf(name.toLowerCase())
  return at < 0 ? undefined : at
}

const rowFields = { has: (name: string) => slots(name) !== undefined, count: FIELDS.length }

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

type Options = Partial<XmlChunkOptions> & { size?: number }

async function chunksOf(xml: string | Buffer, { size = 100_000, ...options }: Options = {}): Promise<XmlChunk[]> {
  const source = streamSource(pieces(Buffer.from(xml as string), size))
  const chunks: XmlChunk[] = []
  const beginning = await readXmlBeginning(source, rowFields.has)
  for await (const chunk of xmlChunks(beginning, { slots, fields: FIELDS.length, rowFields, ...options }))
    chunks.push(chunk)
  return chunks
}

/** The records' values as papaparse reads the CSV; the fault's kind in place of those of a faulty record. */
async function rowsOf(xml: string | Buffer, options?: Options): Promise<(string[] | string)[]> {
  return (await chunksOf(xml, options)).flatMap((chunk) => {
    const values = Papa.parse<string[]>(chunk.bytes.toString(), { delimiter: ',', newline: '\n' }).data.slice(0, -1)
    expect(values).toHaveLength(chunk.rows)
    return values.map((row, at) => chunk.faults.get(chunk.firstRow + at)?.kind ?? row)
  })
}

async function recordsOf(xml: string, options?: Options): Promise<{ row: number; line: number; raw: string }[]> {
  return (await chunksOf(xml, options)).flatMap((chunk) =>
    Array.from({ length: chunk.rows }, (_, at) => {
      const row = chunk.firstRow + at
      const { raw, line } = chunk.record(row)
      return { row, line, raw: raw.toString() }
    }),
  )
}

const messageOf = (xml: string | Buffer, options?: Options): Promise<string> =>
  chunksOf(xml, options).then(
    () => 'no error',
    (error: unknown) => {
      expect(error).toBeInstanceOf(BrokenFileError)
      return (error as Error).message
    },
  )

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

describe('xmlChunks', () => {
  it('reads child elements, attributes, or both', async () => {
    const xml = `<?xml version="1.0"?>
      <sales><sale><id>1</id><name>a</name><price>2.5</price></sale>
      <sale id="2" name="b" price="3"/>
      <sale id="3"><price currency="EUR">4</price><other>x</other></sale></sales>`
    expect(await rowsOf(xml)).toEqual([
      ['1', 'a', '2.5'],
      ['2', 'b', '3'],
      ['3', '', '4'],
    ])
  })

  it('reads CDATA, references, comments within text, empty elements, quotes and newlines', async () => {
    const xml = `<r><x><id>a&amp;b &#x20AC;&#8364;</id><name><![CDATA[<"x">]]> y<!-- no --> z</name><price/></x>
<x><id>"1",
2</id><name></name></x></r>`
    expect(await rowsOf(xml)).toEqual([
      ['a&b €€', '<"x"> y z', ''],
      ['"1",\n2', '', ''],
    ])
    expect((await chunksOf(xml))[0]!.bytes.toString()).toContain('"""1"",\n2","",""\n')
  })

  it('ignores namespace prefixes and declarations', async () => {
    const xml = `<s:r xmlns:s="urn:x" xmlns="urn:name"><s:x s:id="1"><s:name>a</s:name></s:x><s:x><s:id>2</s:id></s:x></s:r>`
    expect(await rowsOf(xml)).toEqual([
      ['1', 'a', ''],
      ['2', '', ''],
    ])
  })

  it('rejects a record whose field stands twice or has elements inside, and no other', async () => {
    const xml = `<r><x><id>1</id><id>2</id></x><x id="1"><ID>2</ID></x><x><id>3</id><other/><other/></x>
      <x><name>a<b>c</b></name></x><x><other><id>9</id></other><id>4</id></x></r>`
    expect(await rowsOf(xml)).toEqual([
      'repeated-field',
      'repeated-field',
      ['3', '', ''],
      'nested-field',
      ['4', '', ''],
    ])
    expect([...(await chunksOf(xml))[0]!.faults.values()]).toContainEqual({ kind: 'nested-field', field: 'name' })
  })

  it('lets a header, totals, comments and instructions stand beside the records', async () => {
    const xml = `<?xml version="1.0"?><!-- a --><export by="me"><?p q?><meta><id>7</id><made>today</made>more</meta>
      <columns><column label="a"/><column label="b"/></columns><items><!-- b --><item id="1"/> <?p q?>
      <item id="2"/><name>a list</name><item id="3"/></items><totals count="3"><price>9</price></totals>
      <!-- c --></export>`
    expect((await rowsOf(xml)).map(([id]) => id)).toEqual(['1', '2', '3'])
  })

  it('reads the records of every list that has its elements of the same names', async () => {
    expect(await rowsOf('<r><day d="1"><x id="1"/></day><day d="2"><x id="2"/><x id="3"/></day></r>')).toHaveLength(3)
  })

  const full = (name: string): string => `<${name}><id>1</id><name>a</name><price>2</price></${name}>`
  it.each([
    ['another list of the same elements', `<r>\n<a>${full('x')}${full('x')}</a>\n<b>${full('x')}</b></r>`, 3, '<x>'],
    ['another list of other elements', `<r>\n<a>${full('x')}${full('x')}</a>\n<b>${full('y')}</b></r>`, 3, '<y>'],
    ['records of another name', `<r>\n${full('x')}${full('x')}\n${full('y')}</r>`, 3, '<y> has id, name'],
    ['a nested record', `<r>${full('x')}${full('x')}<z>\n${full('x')}</z></r>`, 2, '<x>'],
    ['a record before the list', `<r><z>\n${full('x')}</z>${full('y')}${full('y')}</r>`, 2, '<x>'],
    ['records of one field', `<r><x id="1"/><x id="2"/>\n<y id="3"/>\n<y id="4"/></r>`, 3, '<y> repeats and has id'],
    ['text', '<r><x id="1"/><x id="2"/>\nlost</r>', 2, 'the text "lost"'],
    ['text around the list', '<r>lost\n<a><x id="1"/><x id="2"/></a></r>', 2, 'the text "lost"'],
    ['long text', `<r><x id="1"/><x id="2"/>${'lost '.repeat(5_000)}</r>`, 1, 'the text "lost'],
  ])('refuses %s outside of the list', async (_name, xml, line, what) => {
    for (const size of [1, 100_000]) {
      const message = await messageOf(xml, { size, maxRecordBytes: 5_000 })
      expect(message).toContain(`Line ${line}: ${what}`)
      expect(message).toMatch('only records in')
    }
  })

  it('rejects a record with text between its elements', async () => {
    const xml =
      '<r><x>\n<id>1</id> lost <name>a</name></x><x id="2">lost</x><x><![CDATA[lost]]></x><x><id>3</id>\t</x></r>'
    expect(await rowsOf(xml)).toEqual(['loose-text', 'loose-text', 'loose-text', ['3', '', '']])
  })

  it('keeps each record’s number, line and raw text, whatever the size of the pieces', async () => {
    const xml = `<r>\n  <x\n id="1"/>\n\n  <x><name>Käse 😀\n</name></x><x id="3"></x>\n</r>\n`
    for (const size of [1, 2, 3, 7, 1000]) {
      expect(await recordsOf(xml, { size })).toEqual([
        { row: 1, line: 2, raw: '<x\n id="1"/>' },
        { row: 2, line: 5, raw: '<x><name>Käse 😀\n</name></x>' },
        { row: 3, line: 6, raw: '<x id="3"></x>' },
      ])
    }
  })

  it('gives the CSV of a record', async () => {
    const [chunk] = await chunksOf('<r><x id="1"/><x id="&quot;"/><x id="1"><id/></x></r>')
    expect([1, 2, 3].map((row) => chunk!.csv(row).toString())).toEqual(['"1","",""', '"""","",""', '\0,,'])
  })

  it('cuts at the same records and bytes whatever the size of the pieces', async () => {
    const xml = `<r>${Array.from({ length: 500 }, (_, at) => `<x id="${at}"><name>ä${at}</name></x>\n`).join('')}</r>`
    const cutsOf = async (size: number) =>
      (await chunksOf(xml, { size, chunkBytes: 300 })).map(({ index, firstRow, rows, bytesEnd }) => [
        index,
        firstRow,
        rows,
        bytesEnd,
      ])
    const cuts = await cutsOf(100_000)
    expect(cuts.length).toBeGreaterThan(30)
    const endOf = (row: number): number =>
      Buffer.byteLength(xml.slice(0, xml.indexOf('</x>', xml.indexOf(`id="${row - 1}"`)) + 4))
    for (const [, firstRow, rows, bytesEnd] of cuts.slice(0, -1)) expect(bytesEnd).toBe(endOf(firstRow! + rows! - 1))
    expect(cuts.at(-1)![3]).toBe(Buffer.byteLength(xml))
    for (const size of [1, 3, 64]) expect(await cutsOf(size)).toEqual(cuts)
  })

  it('rejects a record that is too long, in bounded memory, and reads on', async () => {
    const long = 'y'.repeat(50_000)
    const attributes = Array.from({ length: 5_000 }, (_, at) => `a${at}="x"`).join(' ')
    const xml = `<r><x id="1"/><x><id>${long}</id></x><x id="2"/><x ${attributes}><id>3</id></x><x id="${long}"/><x><!-- ${long} --></x><x id="4"/></r>`
    for (const size of [100, 3_000, 1_000_000]) {
      expect(await rowsOf(xml, { maxRecordBytes: 5_000, size })).toEqual([
        ['1', '', ''],
        'too-long',
        ['2', '', ''],
        'too-long',
        'too-long',
        'too-long',
        ['4', '', ''],
      ])
      const raws = (await recordsOf(xml, { maxRecordBytes: 5_000, size })).map(({ raw }) => raw)
      expect(raws[1]).toBe(`<x><id>${long}`.slice(0, 4096))
      expect(raws[3]).toBe(`<x ${attributes}`.slice(0, 4096))
      expect(raws.at(-1)).toBe('<x id="4"/>')
    }
  })

  it('reads past long comments and texts between records', async () => {
    const long = 'y<'.repeat(30_000).replaceAll('<', '-')
    const xml = `<r><!-- ${long} --><x id="1"/>${' '.repeat(50_000)}<?p ${long}?><x id="2"/></r>`
    for (const size of [500, 1_000_000])
      expect(await rowsOf(xml, { maxRecordBytes: 5_000, size })).toEqual([
        ['1', '', ''],
        ['2', '', ''],
      ])
  })

  it('holds a record of 100 MB in less', async () => {
    const block = Buffer.alloc(1024 * 1024, 'z')
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('<r><x id="1"/><x><id>')
      for (let at = 0; at < 100; at++) yield block
      yield Buffer.from('</id></x><x id="2"/></r>')
    }
    const before = process.memoryUsage().rss
    const chunks: XmlChunk[] = []
    for await (const chunk of xmlChunks(await readXmlBeginning(streamSource(endless()), rowFields.has), {
      slots,
      fields: 3,
      rowFields,
    }))
      chunks.push(chunk)
    expect(chunks.map(({ rows, faults }) => [rows, [...faults.keys()]])).toEqual([[3, [2]]])
    expect(process.memoryUsage().rss - before).toBeLessThan(90_000_000)
  })

  it('refuses what is not well-formed, with line and column', async () => {
    expect(await messageOf('<r>\n<x id="1"></y></r>')).toMatch(/line 2, column \d+: unexpected close tag/)
    expect(await messageOf('<r>\n<x id="1"/>')).toMatch(/line 2, .*unclosed tag: r/)
    expect(await messageOf('<r><x id="1"')).toMatch(/line 1, column \d+/)
    expect(await messageOf('<r><x id=1/></r>')).toMatch(/line 1, column \d+/)
    expect(await messageOf('<r><x id="1" id="2"/></r>')).toMatch(/duplicate attribute/)
    expect(await messageOf('<r/><r/>')).toMatch(/only one root/)
    expect(await messageOf('')).toMatch(/must contain a root element/)
    expect(await messageOf('id,name\n1,2\n')).toMatch(/text data outside of root/)
    expect(await messageOf('<r><x><id>a\0b</id></x></r>')).toMatch(/disallowed character/)
  })

  it('refuses DOCTYPE, entities of its own and deep nesting', async () => {
    const laughs = `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><r><x id="&lol2;"/></r>`
    expect(await messageOf(laughs)).toMatch('a DOCTYPE is not allowed')
    const external = `<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r><x><id>&e;</id></x></r>`
    expect(await messageOf(external)).toMatch('a DOCTYPE is not allowed')
    for (const name of ['e', 'nbsp', 'constructor', '__proto__', 'toString'])
      expect(await messageOf(`<r><x><id>&${name};</id></x></r>`), name).toMatch(/entity/)
    expect(await messageOf('<r><x><id>&#0;</id></x></r>')).toMatch(/entity/)
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(await messageOf(nested(33))).toMatch('more than 32 elements within each other')
    expect(await messageOf(nested(32))).toBe('no error')
  })

  it('refuses names and tags of any length in bounded memory', async () => {
    const long = 'n'.repeat(200_000)
    expect(await messageOf(`<r><${long}/></r>`, { size: 5_000 })).toMatch('too long')
    expect(await messageOf(`<r><x>&${long};</x></r>`, { size: 5_000 })).toMatch('too long')
    expect(await messageOf(`<r a="${long}"><x id="1"/></r>`, { size: 5_000, maxRecordBytes: 5_000 })).toMatch(
      'a tag is longer',
    )
  })

  it('refuses invalid UTF-8 and encodings that are not read', async () => {
    const bytes = Buffer.from('<r>\n\n<x id="?"/></r>')
    bytes[bytes.indexOf('?')] = 0xe4
    expect(await messageOf(bytes)).toMatch('not valid UTF-8 in line 3')
    expect(await messageOf('<?xml version="1.0" encoding="EBCDIC"?><r/>')).toMatch('declares the encoding "EBCDIC"')
    expect(await messageOf(Buffer.from('<r><x id="1"/></r>ä').subarray(0, -1))).toMatch('not valid UTF-8')
  })

  it('gives every value of any table back', async () => {
    const value = fc.string({
      unit: fc.constantFrom('a', 'ä', '😀', '<', '&', '"', ',', '\n', ']]>', ' ', '\\N'),
      maxLength: 6,
    })
    const table = fc.array(fc.tuple(value, value, value), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 60 }), fc.boolean(), async (rows, size, useAttributes) => {
        const text = (cell: string): string => escaped(cell).replaceAll('>', '&gt;').replaceAll('\n', '&#10;')
        const record = (row: string[]): string =>
          useAttributes
            ? `<x ${row.map((cell, at) => `${FIELDS[at]}="${text(cell)}"`).join(' ')}/>`
            : `<x>${row.map((cell, at) => `<${FIELDS[at]}>${text(cell)}</${FIELDS[at]}>`).join('')}</x>`
        expect(await rowsOf(`<r>${rows.map(record).join('\n')}</r>`, { size, chunkBytes: 100 })).toEqual(rows)
      }),
      { numRuns: 200 },
    )
  })

  it('never crashes: any text is read or refused', async () => {
    const text = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '/',
        'x',
        '<r>',
        '</r>',
        '<x>',
        '</x>',
        '<id>',
        '</id>',
        '"',
        '=',
        ' ',
        '&',
        'amp;',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?',
        '?>',
        '\n',
      ),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 10 }), async (parts, size) => {
        // Text outside the root is told at its end, so its place depends on the piece.
        const reason = async (size: number): Promise<string> =>
          (await messageOf(`<r>${parts.join('')}</r>`, { size })).replace(/line \d+, column \d+/, '')
        expect(await reason(size)).toBe(await reason(100_000))
      }),
      { numRuns: 1000 },
    )
  })

  it('gives a chunk’s memory to a later one only when it is released', async () => {
    const xml = `<r>${Array.from({ length: 100 }, (_, at) => `<x id="${at}"/>`).join('')}</r>`
    const seen: string[] = []
    const beginning = await readXmlBeginning(streamSource(pieces(Buffer.from(xml), 10)), rowFields.has)
    for await (const chunk of xmlChunks(beginning, { slots, fields: 1, rowFields, chunkBytes: 50 })) {
      for (let at = 0; at < chunk.rows; at++) seen.push(chunk.record(chunk.firstRow + at).raw.toString())
      chunk.release()
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => `<x id="${at}"/>`))
  })
})

describe('RecordPathFinder', () => {
  function pathOf(xml: string, wanted: string[] = []): string {
    const finder = new RecordPathFinder((name) => wanted.includes(name))
    try {
      finder.write(xml)
      finder.end()
    } catch (error) {
      expect(error).toBeInstanceOf(BrokenFileError)
    }
    return finder.result().join('/')
  }

  it.each([
    ['<r><x><a/></x><x><a/></x></r>', 'r/x'],
    ['<r><w><x><a>1</a></x><x><a>2</a></x></w></r>', 'r/w/x'],
    ['<r><head><made>today</made><by>me</by></head><items><x><a/></x><x><a/></x></items></r>', 'r/items/x'],
    ['<r><x a="1"/><x a="2"/></r>', 'r/x'],
    ['<r><w><x a="1"/></w></r>', 'r/w/x'],
    ['<r><x><a>1</a><b c="d">2</b></x></r>', 'r/x'],
    ['<r><x><a c="d"/><b>2</b></x></r>', 'r/x'],
    ['<x><a>1</a><b>2</b></x>', 'x'],
    ['<orders><order><id>1</id><item><a/></item><item><a/></item></order><order/></orders>', 'orders/order'],
    ['<n:r xmlns:n="u"><n:x><n:a/></n:x><n:x/></n:r>', 'r/x'],
    ['<r><x><a>cut in the first reco', 'r/x'],
    ['<r><x><a>1</a></x><x><a>cut', 'r/x'],
    ['<r>text</r>', ''],
    ['<r></r>', ''],
    ['<r a="1"><x id="1"/></r>', 'r/x'],
    ['', ''],
    ['not xml', ''],
  ])('of %s is %s', (xml, path) => {
    expect(pathOf(xml)).toBe(path)
  })

  it.each([
    ['a header before one record', '<r><h><made>1</made></h><w><x><a>1</a><b>2</b></x></w></r>', 'r/w/x'],
    ['a header that has a list', '<r><h><p n="1"/><p n="2"/></h><w><x a="1" b="2"/><x/></w></r>', 'r/w/x'],
    ['a header that has a list before one record', '<r><h><p n="1"/><p n="2"/></h><x><a>1</a><b>2</b></x></r>', 'r/x'],
    ['a list with fewer of them', '<r><y a="1"/><y a="2"/><x a="1" b="2"/><x/></r>', 'r/x'],
    ['a list with as many deeper down', '<r><x><a/><b/><l><y a="1" b="2"/><y/></l></x><x/></r>', 'r/x'],
  ])('goes by the fields that are wanted, past %s', (_name, xml, path) => {
    expect(pathOf(xml, ['a', 'b'])).toBe(path)
  })
})

describe('encodingOfXml', () => {
  it('takes the byte order mark before the declaration', () => {
    const declared = '<?xml version="1.0" encoding="ISO-8859-1"?><r/>'
    expect(encodingOfXml(Buffer.from(declared))).toBe('windows-1252')
    expect(encodingOfXml(Buffer.from(`\ufeff${declared}`, 'utf16le'))).toBe('utf-16le')
    expect(encodingOfXml(Buffer.from("<?xml version='1.0' encoding = 'utf-8' ?>"))).toBe('utf-8')
    expect(encodingOfXml(Buffer.from('<?xml version="1.0"?><r encoding="x"/>'))).toBeUndefined()
    expect(encodingOfXml(Buffer.from('<r/>'))).toBeUndefined()
    expect(() => encodingOfXml(Buffer.from('<?xml version="1.0" encoding="Shift_JIS"?>'))).toThrow('"Shift_JIS"')
  })
})
