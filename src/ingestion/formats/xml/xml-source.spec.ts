import { describe, expect, it } from 'vitest'
import { streamSource } from '../byte-source.js'
import { openXml } from './xml-source.js'

const MIB = 1024 * 1024

/** What becomes of each record: its first two fields, or why it is rejected. */
async function read(
  xml: string | Buffer,
  usedNames?: string[],
  recordElement?: string,
): Promise<(string | string[])[]> {
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(xml as string)
  }
  const source = await openXml(streamSource(bytes()), [], recordElement)
  const rows: (string | string[])[] = []
  const isUsed = (field: number): boolean => usedNames?.includes(source.header[field]!) ?? true
  const used = new Set([...source.header.keys()].filter(isUsed))
  for await (const chunk of source.chunks({ chunkBytes: MIB, used })) {
    for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++)
      rows.push(chunk.fault(row)?.reason ?? chunk.fields!([row])[0]!.slice(0, 2))
    chunk.release()
  }
  return rows
}

describe('openXml', () => {
  it.each(['ä', '€', '😀'])('reads a file of which any byte of a %s lies at the first MiB', async (character) => {
    for (let before = 0; before <= Buffer.byteLength(character); before++) {
      const start = '<r><x id="1"><name>'
      const filler = 'a'.repeat(MIB - start.length - before - 100)
      const xml = `${start}b</name></x><!--${filler}`.padEnd(MIB - before, '-x')
      const rows = await read(`${xml}${character}--><x id="2"><name>${character}</name></x></r>`)
      expect(rows).toEqual([
        ['1', 'b'],
        ['2', character],
      ])
    }
  })

  it('says of a long file, too, where it is not UTF-8', async () => {
    const records = '<x id="1"/>\n'.repeat(100_000)
    await expect(read(Buffer.from(`<r>\n${records}<x id="ä"/></r>`, 'latin1'))).rejects.toThrow(
      'not valid UTF-8 in line 100002',
    )
    await expect(read(Buffer.from(`<r>\n<x id="ä"/>${records}</r>`, 'latin1'))).rejects.toThrow(
      'not valid UTF-8 in line 2',
    )
  })

  it('finds the records behind a long comment, header or processing instruction', async () => {
    const long = 'y '.repeat(600_000)
    const records = '<x id="1" name="a"/><x id="2" name="b"/>'
    const expected = [
      ['1', 'a'],
      ['2', 'b'],
    ]
    expect(await read(`<!-- ${long} --><r>${records}</r>`)).toEqual(expected)
    expect(await read(`<?p ${long}?><r><!-- ${long} -->${records}</r>`)).toEqual(expected)
    expect(await read(`<r><meta><note>${long}</note></meta>${records}</r>`)).toEqual(expected)
    expect(await read(`${' \n'.repeat(600_000)}<r>${records}</r>`)).toEqual(expected)
  })

  it('refuses a file of which no record begins in 16 MiB', async () => {
    await expect(read(`<!-- ${'y'.repeat(17 * MIB)} --><r><x id="1"/></r>`)).rejects.toThrow('in its first 16 MiB')
  })

  it('takes for fields of a row only those that the rows are made of', async () => {
    const records = '<x id="1" name="a" kind="k"/><x id="2" name="b" kind="l"/>'
    const other = '<y kind="1" unit="2"/><y kind="3"/><note kind="4" by="5"/>'
    const rows = await read(`<r>${records}${other}</r>`, ['id', 'name'])
    expect(rows).toHaveLength(2)
    await expect(read(`<r>${records}${other}</r>`)).rejects.toThrow('<y> repeats and has kind, and only records in r/x')
    await expect(read(`<r>${records}\n<y id="3" name="c"/></r>`, ['id', 'name'])).rejects.toThrow(
      'Line 2: <y> has id, name',
    )
  })

  it('says of a record with text between its elements what is wrong with it', async () => {
    expect(await read('<r><x id="1"/><x id="2">lost</x></r>')).toEqual([
      ['1'],
      'the record has text outside of its elements',
    ])
  })

  it('rejects a first record over 1 MiB alone', async () => {
    const long = `<x><id>1</id><note>${'y'.repeat(1_100_000)}</note></x>`
    expect(await read(`<r>${long}<x><id>2</id></x><x><id>3</id></x></r>`)).toEqual([
      'the record is longer than 1 MiB',
      ['2', ''],
      ['3', ''],
    ])
  })
})

describe('openXml with the name of the records', () => {
  const named = (xml: string, element: string): Promise<(string | string[])[]> => read(xml, undefined, element)

  it('reads the outermost elements of the name, at any depth, and nothing else', async () => {
    const xml =
      '<all>text<x id="1" name="a"/><g><x id="2"><name>b</name></x><y id="9" name="z"/><y id="8" name="z"/></g>' +
      '<g><h><n:x xmlns:n="u" id="3"><name>c</name></n:x></h></g></all>'
    const expected = [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
    ]
    expect(await named(xml, 'x')).toEqual(expected)
    expect(await named(xml, 'other:x')).toEqual(expected)
  })

  it('takes an element of the name inside of a record for a part of it', async () => {
    expect(await named('<r><x id="1"><name>a</name><x>in</x></x><x id="2"><name>b</name></x></r>', 'x')).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ])
  })

  it('takes the root for the only record', async () => {
    expect(await named('<x id="1"><name>a</name></x>', 'x')).toEqual([['1', 'a']])
  })

  it('finds the first record behind much else, and names what there is when there is none', async () => {
    const much = `<y a="1"><b>2</b></y>\n`.repeat(100_000)
    expect(await named(`<r>${much}<x id="1" name="a"/></r>`, 'x')).toEqual([['1', 'a']])
    await expect(named(`<rows>${much}</rows>`, 'row')).rejects.toThrow(
      'The file has no element <row>, which recordElement names. Did you mean "rows"? Use rows, y or b.',
    )
    await expect(named(`<r><!-- ${'y'.repeat(17 * MIB)} --><x id="1"/></r>`, 'x')).rejects.toThrow('first 16 MiB')
  })

  it('refuses records without any field', async () => {
    await expect(named('<r><x>1</x><x>2</x></r>', 'x')).rejects.toThrow('neither attributes nor elements')
  })

  it('rejects a record that is too long, or has text of its own, alone', async () => {
    const long = `<x id="1"><name>${'y'.repeat(1_100_000)}</name></x>`
    expect(await named(`<r><g>${long}</g><x id="2">lost</x><x id="3" name="c"/></r>`, 'x')).toEqual([
      'the record is longer than 1 MiB',
      'the record has text outside of its elements',
      ['3', 'c'],
    ])
  })
})
