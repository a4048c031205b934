import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { streamSource } from '../byte-source.js'
import type { CsvChunk } from './csv-chunk.js'
import { csvChunks, type CsvChunkOptions } from './csv-cutter.js'
import { parseRecords } from './csv-fields.js'

interface Seen {
  row: number
  line: number
  raw: string
  fault?: string
}

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function chunksOf(text: string, options: Partial<CsvChunkOptions> & { size?: number } = {}): Promise<CsvChunk[]> {
  const chunks: CsvChunk[] = []
  const all = { delimiter: ',', fields: 3, ...options }
  for await (const chunk of csvChunks(streamSource(pieces(text, options.size ?? 7)), all)) chunks.push(chunk)
  return chunks
}

function seen(chunks: CsvChunk[]): Seen[] {
  return chunks.flatMap((chunk) =>
    Array.from({ length: chunk.rows }, (_, at) => {
      const row = chunk.firstRow + at
      const { raw, line } = chunk.record(row)
      return { row, line, raw: raw.toString(), ...(chunk.faults.has(row) && { fault: chunk.faults.get(row)!.kind }) }
    }),
  )
}

const fieldsOf = (raw: string, quote: "'" | 'none'): string[] =>
  parseRecords([Buffer.from(raw)], { delimiter: ',', quote })[0]!

/** The lines and fields of the records whose quotes are sound, told one line after the other. */
function recordsOf(text: string, quote: "'" | 'none'): (number | string)[][] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const records: (number | string)[][] = []
  for (let at = 0; at < lines.length;) {
    // A record takes the fewest lines with which it is whole; when no number of them will do, its first is given up.
    const taken = lines.findIndex(
      (_, last) => last >= at && read(lines.slice(at, last + 1).join('\n'), quote) !== 'open',
    )
    const fields = taken < 0 ? undefined : read(lines.slice(at, taken + 1).join('\n'), quote)
    const isWhole = Array.isArray(fields)
    if (
      isWhole &&
      (fields.length > 1 ||
        lines
          .slice(at, taken + 1)
          .join('')
          .replace('\r', '') !== '')
    )
      records.push([at + 1, ...fields])
    at = isWhole ? taken + 1 : at + 1
  }
  return records
}

/** The fields of a record; open: a quoted one is not closed, broken: something follows its quote. */
function read(record: string, quote: "'" | 'none'): string[] | 'open' | 'broken' {
  const fields: string[] = []
  for (let rest = record.replace(/\r$/, ''); ;) {
    const quoted = quote === "'" && rest.startsWith("'")
    const [whole, inner] = (quoted ? /^'((?:[^']|'')*)'(?!')/s.exec(rest) : /^([^,]*)/s.exec(rest)) ?? []
    if (whole === undefined) return 'open'
    fields.push(quoted ? inner!.replaceAll("''", "'") : inner!)
    rest = rest.slice(whole.length)
    if (rest === '') return fields
    if (!rest.startsWith(',')) return 'broken'
    rest = rest.slice(1)
  }
}

describe('csvChunks', () => {
  it('passes clean records through unchanged, whatever the size of the reads', async () => {
    const text = 'a,b,c\n"x, y","line 1\nline 2","say ""hi"""\r\n1,2,3'
    for (const size of [1, 2, 5, 1000]) {
      const chunks = await chunksOf(text, { size })
      expect(Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString()).toBe(text)
      expect(seen(chunks).map(({ row, line }) => [row, line])).toEqual([
        [1, 1],
        [2, 2],
        [3, 4],
      ])
    }
  })

  it('reports a ragged record and keeps ClickHouse’s record numbers in step with a placeholder', async () => {
    const chunks = await chunksOf('1,2,3\n1,2\n1,2,3,4\n4,5,6\n')
    expect(chunks[0]!.bytes.toString()).toBe('1,2,3\n\0,,\n\0,,\n4,5,6\n')
    expect([...chunks[0]!.faults]).toEqual([
      [2, { kind: 'ragged', found: 2, expected: 3 }],
      [3, { kind: 'ragged', found: 4, expected: 3 }],
    ])
  })

  it('skips empty lines without counting them as records', async () => {
    const chunks = await chunksOf('\n1,2,3\n\r\n\n4,5,6\n\n')
    expect(seen(chunks)).toEqual([
      { row: 1, line: 2, raw: '1,2,3' },
      { row: 2, line: 5, raw: '4,5,6' },
    ])
    expect(chunks[0]!.bytes.toString()).toBe('1,2,3\n4,5,6\n')
  })

  it('gives up only the line of a quote that is never closed', async () => {
    expect(seen(await chunksOf('1,"open,3\n4,5,6\n7,8,9\n'))).toEqual([
      { row: 1, line: 1, raw: '1,"open,3', fault: 'unclosed-quote' },
      { row: 2, line: 2, raw: '4,5,6' },
      { row: 3, line: 3, raw: '7,8,9' },
    ])
  })

  it('gives up only the line when an open quote meets the next record’s quotes', async () => {
    expect(
      seen(await chunksOf('1,"open,3\n4,"5",6\n7,8,9\n')).map(({ row, line, fault }) => [row, line, fault]),
    ).toEqual([
      [1, 1, 'text-after-quote'],
      [2, 2, undefined],
      [3, 3, undefined],
    ])
  })

  it('treats a quote inside an unquoted field as text', async () => {
    expect(seen(await chunksOf('5" pipe,3/4",x\n')).map(({ fault }) => fault)).toEqual([undefined])
  })

  it('refuses a bare carriage return', async () => {
    expect(seen(await chunksOf('1,2\r3,4\n5,6,7\r\n')).map(({ fault }) => fault)).toEqual([
      'bare-carriage-return',
      undefined,
    ])
  })

  it('drops the rest of a line that is too long, in bounded memory', async () => {
    const text = `1,2,3\n${'x'.repeat(100_000)}\n4,5,6\n`
    const result = seen(await chunksOf(text, { maxRecordBytes: 5_000, chunkBytes: 10_000, size: 3_000 }))
    expect(result.map(({ row, line, fault }) => [row, line, fault])).toEqual([
      [1, 1, undefined],
      [2, 2, 'too-long'],
      [3, 3, undefined],
    ])
  })

  it('cuts at the same records whatever the size of the reads', async () => {
    const text = Array.from({ length: 500 }, (_, at) => `${at},"b\n${at}",c`).join('\n')
    const cutsOf = async (size: number) =>
      (await chunksOf(text, { size, chunkBytes: 300 })).map(({ index, firstRow, rows, bytesEnd }) => [
        index,
        firstRow,
        rows,
        bytesEnd,
      ])
    const cuts = await cutsOf(1)
    expect(cuts.length).toBeGreaterThan(10)
    expect(cuts.at(-1)![3]).toBe(Buffer.byteLength(text))
    for (const size of [3, 64, 10_000]) expect(await cutsOf(size)).toEqual(cuts)
  })

  it('sees the records that papaparse sees in any well-formed table', async () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r\n', ' ', '\t', ';', '1'),
      maxLength: 8,
    })
    const table = fc.array(fc.array(field, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (rows, size) => {
        const text = Papa.unparse(rows, { newline: '\n' })
        const result = seen(await chunksOf(text, { size, chunkBytes: 50 }))
        expect(result.map(({ fault }) => fault)).toEqual(rows.map(() => undefined))
        expect(result.map(({ raw }) => Papa.parse<string[]>(raw, { delimiter: ',', newline: '\n' }).data[0])).toEqual(
          rows,
        )
      }),
      { numRuns: 300 },
    )
  })

  it.each(["'", 'none'] as const)(
    'sees with the quote %s what a parser of one character a step sees',
    async (quote) => {
      const text = fc.string({ unit: fc.constantFrom('a', ',', '"', "'", "'", '\n', '\r\n', ' '), maxLength: 60 })
      await fc.assert(
        fc.asyncProperty(text, fc.integer({ min: 1, max: 10 }), async (input, size) => {
          const chunks = await chunksOf(input, { size, chunkBytes: 20, quote })
          const expected = recordsOf(input, quote)
          const sound = seen(chunks).filter(({ fault }) => fault === undefined || fault === 'ragged')
          expect(sound.map(({ line, raw }) => [line, ...fieldsOf(raw, quote)])).toEqual(expected)
          for (const { raw, fault } of sound) expect(fault === undefined).toBe(fieldsOf(raw, quote).length === 3)
        }),
        { numRuns: 500 },
      )
    },
  )

  it('never loses a byte or a line of any text: every line is in some record or empty', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' '), maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 10 }), async (input, size) => {
        const records = seen(await chunksOf(input, { size, chunkBytes: 20 }))
        const kept = records
          .map(({ raw }) => raw)
          .join('')
          .replace(/[\r\n]/g, '')
        expect(kept).toBe(input.replace(/[\r\n]/g, ''))
      }),
      { numRuns: 500 },
    )
  })

  it('makes the same chunks of memory that earlier ones gave back', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' '), maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const options = { delimiter: ',', fields: 3, chunkBytes: 5 }
        const released: string[] = []
        for await (const chunk of csvChunks(streamSource(pieces(input, 7)), options)) {
          released.push(chunk.bytes.toString())
          chunk.release()
        }
        expect(released).toEqual((await chunksOf(input, options)).map(({ bytes }) => bytes.toString()))
      }),
      { numRuns: 300 },
    )
  })
})
