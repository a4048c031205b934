import { describe, expect, it } from 'vitest'
import { withHead } from '../formats/byte-source.js'
import { openCsv } from '../formats/csv/csv-source.js'
import { openJson } from '../formats/json/json-source.js'
import { openXml } from '../formats/xml/xml-source.js'
import { closedXml } from './closed-xml.js'
import { behindLines, preambleLines } from './preamble.js'
import { readSampleTable } from './sample-table.js'

const source = (text: string | Buffer) => withHead(Buffer.from(text), { read: async () => 0 })

describe('The records of a sample', () => {
  it('ragged ones and those of another table are left out', async () => {
    const rows = Array.from({ length: 20 }, (_, row) => `${row},b,c,d,e`).join('\n')
    const text = `a,b,c,d,e\n${rows}\nTotal,,,,\nPerson,Region\n`
    const table = await readSampleTable(() => openCsv(source(text)), false, false)
    expect(table).toMatchObject({ rows: 20, leftOut: 2, leftOutReason: 'expected 5 fields, found 2', isCut: false })
  })

  it('fields with lists or objects are told, and do not cost the record', async () => {
    const text = '[{"id":1,"tags":["a"],"n":1.5},{"id":2,"tags":[],"n":null}]'
    const table = await readSampleTable(() => openJson(source(text), []), false, true)
    expect(table.columns[0]).toEqual(['1', '2'])
    expect([...table.structuredFields]).toEqual([1])
    expect([...table.numericFields]).toEqual([0, 2])
  })

  it('of XML that breaks off are read up to there', async () => {
    const text = '<a:r xmlns:a="u"><a:e><id>1</id></a:e><a:e><id>2</id></a:e><a:e><id>3</id><na'
    const closed = closedXml(Buffer.from(text))
    expect(closed.toString()).toBe(
      '<a:r xmlns:a="u"><a:e><id>1</id></a:e><a:e><id>2</id></a:e><a:e><id>3</id></a:e></a:r>',
    )
    const table = await readSampleTable(() => openXml(source(closed), []), true, false)
    expect(table.columns).toEqual([['1', '2']])
  })
})

describe('Lines above a table', () => {
  it.each([
    ['Konto;DE1\n\nVon;1.1.\na;b;c;d\n1;2;3;4\n5;6;7;8\n', 3],
    ['a;b;c\n1;2;3\n', 0],
    ['id,color\n1,red;green;blue\n2,red;green;blue\n', 0],
    ['sep=;\na;b;c\n1;2;3\n', 0],
    ['one\n1\n2\n', 0],
    ['', 0],
  ])('%j has %i', (text, lines) => {
    expect(preambleLines(Buffer.from(text))).toBe(lines)
  })

  it('are cut off', () => {
    expect(behindLines(Buffer.from('x\n\ny\na;b\n'), 3).toString()).toBe('a;b\n')
  })
})
