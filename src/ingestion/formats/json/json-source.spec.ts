import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { comparable } from '../../../common/comparable-name.js'
import type { WantedField } from '../../mapping/source-header.js'
import type { ByteSource } from '../byte-source.js'
import { openJson, openNdjson } from './json-source.js'
import type { RecordSource } from '../record-source.js'

const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() & 0x7fffffff

/** Gives the bytes in pieces of `piece` bytes. */
function bytesOf(text: string | Buffer, piece = 1 << 20): ByteSource {
  let rest = Buffer.from(text)
  return {
    read: async (target) => {
      const taken = rest.copy(target, 0, 0, piece)
      rest = rest.subarray(taken)
      return taken
    },
  }
}

const optional = (...names: string[]): WantedField[] =>
  names.map((name) => ({ name, isExplicit: false, mayBeAbsent: true }))

interface Seen {
  row: number
  line: number
  raw: string
  fields?: string[]
  reason?: string
}

/** Everything that the chunks say of each record; ClickHouse's view of a good one is parsed from the chunk's bytes. */
async function recordsOf(source: RecordSource, wanted = ['a', 'b'], chunkBytes = 64 * 1024): Promise<Seen[]> {
  const seen: Seen[] = []
  const used = new Set([...source.header.keys()].filter((field) => wanted.includes(comparable(source.header[field]!))))
  for await (const chunk of source.chunks({ chunkBytes, used })) {
    const { data } = Papa.parse<string[]>((chunk.bytes as Buffer).toString('utf8').replace(/\n$/, ''), {
      delimiter: ',',
      newline: '\n',
    })
    expect(data).toHaveLength(chunk.rows)
    for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++) {
      const { raw, line } = chunk.record(row)
      const fault = chunk.fault(row)
      const fields = data[row - chunk.firstRow]
      if (!fault)
        expect(chunk.fields!([row])[0]!.filter((_, field) => used.has(field))).toEqual(
          fields!.filter((_, field) => used.has(field)),
        )
      seen.push({ row, line, raw: raw.toString(), ...(fault ? { reason: fault.reason } : { fields }) })
    }
    chunk.release()
  }
  return seen
}

const ndjson = async (text: string | Buffer, wanted = optional('a', 'b')): Promise<Seen[]> =>
  recordsOf(
    await openNdjson(bytesOf(text), wanted),
    wanted.map(({ name }) => comparable(name)),
  )
const json = async (text: string | Buffer, wanted = optional('a', 'b')): Promise<Seen[]> =>
  recordsOf(await openJson(bytesOf(text), wanted))

describe('NDJSON', () => {
  it('keeps every value as its own text', async () => {
    const [seen] = await ndjson('{"a":12345678901234.5678,"b":"caf\\u00e9 \\"x\\", \\n\\ud83c\\udf89"}\n')
    expect(seen!.fields).toEqual(['12345678901234.5678', 'café "x", \n🎉'])
  })

  it('takes null and a missing key for empty, and true for its word', async () => {
    expect((await ndjson('{"a":null,"b":true}\n{}\n{"b":1e2}')).map(({ fields }) => fields)).toEqual([
      ['', 'true'],
      ['', ''],
      ['', '1e2'],
    ])
  })

  it('finds keys in other spellings, later keys and keys in another order', async () => {
    const wanted = optional('TransactionId', 'Region')
    const text =
      '{"transaction_id":1}\n{"Region":"x","TransactionId":2}\n{"re-gion":"y","Transaction Id":3,"other":[{}]}\n'
    expect((await ndjson(text, wanted)).map(({ fields }) => fields?.slice(0, 2))).toEqual([
      ['1', ''],
      ['2', 'x'],
      ['3', 'y'],
    ])
  })

  it('counts lines and skips blank ones', async () => {
    const seen = await ndjson('\ufeff{"a":1}\r\n\r\n  \n{"a":2}\n{"a":3}')
    expect(seen.map(({ row, line }) => [row, line])).toEqual([
      [1, 1],
      [2, 4],
      [3, 5],
    ])
  })

  it.each([
    ['{"a":1}{"a":2}', 'unexpected "{" at character 8 of the record'],
    ['{"a":1},', 'unexpected "," at character 8 of the record'],
    ["{'a':1}", `unexpected "'" at character 2 of the record`],
    ['{"a":NaN}', 'unexpected "N" at character 6 of the record'],
    ['{"a":01}', 'unexpected "1" at character 7 of the record'],
    ['{"a":1.}', 'unexpected "}" at character 8 of the record'],
    ['{"é":"\\q"}', 'unexpected "q" at character 8 of the record'],
    ['{"a":"x\ty"}', 'unexpected control character 09 at character 8 of the record'],
    ['{"a":"x', 'it ends too early at character 8 of the record'],
    ['{"a":1,}', 'unexpected "}" at character 8 of the record'],
    [`{"a":${'['.repeat(40)}${']'.repeat(40)}}`, 'nested deeper than 32 levels at character 37 of the record'],
  ])('refuses %s and nothing else', async (line, problem) => {
    const seen = await ndjson(`{"a":1}\n${line}\n{"a":2}\n`)
    expect(seen.map(({ reason }) => reason)).toEqual([undefined, `the record is not valid JSON: ${problem}`, undefined])
    expect(seen[1]).toMatchObject({ row: 2, line: 2, raw: line })
  })

  it.each([
    ['[1,2]', 'the record is not a JSON object'],
    ['7', 'the record is not a JSON object'],
    ['{"a":{"x":1}}', '{value} is not text, a number, true or false'],
    ['{"a":1,"a":2}', 'the record has several keys for it'],
    ['{"a":"\\ud800"}', '{value} has half a surrogate pair'],
  ])('refuses %s, which is JSON', async (line, reason) => {
    const seen = await ndjson(`{"a":1}\n${line}\n{"a":2}\n`)
    expect(seen.map((each) => each.reason)).toEqual([undefined, reason, undefined])
  })

  it('has a field for each spelling that stands beside another in a record, as a table of CSV has', async () => {
    const source = await openNdjson(bytesOf('{"a":1}\n{"b":2,"A":3,"a":4}\n{"B":5}\n'), optional('a'))
    expect(source.header).toEqual(['a', 'b', 'A'])
    const seen = await recordsOf(source, ['a', 'b', 'A'], 1000)
    expect(seen.map(({ fields }) => fields)).toEqual([
      ['1', '', ''],
      ['4', '2', '3'],
      ['', '5', ''],
    ])
  })

  it('refuses a record with two spellings of a name that only records far behind have apart', async () => {
    const first = `{"a":"${'x'.repeat(500_000)}"}`
    const seen = await ndjson([first, first, first, '{"a":1,"A":2}', '{"A":3}'].join('\n'))
    expect(seen.map(({ reason }) => reason)).toEqual([
      ...[undefined, undefined, undefined],
      'the record has several keys for it',
      undefined,
    ])
  })

  it('does not change bytes that are not UTF-8', async () => {
    const source = await openNdjson(
      bytesOf(Buffer.from('{"a":"x\xff","b":"\\n\xff"}\n{"a":"\xff"}\n', 'latin1')),
      optional('a', 'b'),
    )
    const chunk = (await source.chunks({ chunkBytes: 1000, used: new Set([0, 1]) }).next()).value!
    expect(chunk.fault(1)).toMatchObject({ field: 1, reason: '{value} is not valid UTF-8' })
    expect(chunk.bytes.toString('latin1')).toBe('\0,\n"\xff",\n')
    expect(chunk.csvRecord!(1, undefined).toString('latin1')).toContain('x\xff')
  })

  it('rejects a record over 1 MiB and keeps what follows', async () => {
    const long = `{"a":"${'x'.repeat(5_000_000)}"}`
    const seen = await ndjson(`{"a":1}\n${long}\n{"a":2}\n{"a":"${'y'.repeat(1024 * 1024)}"}\n{"a":3}\n`)
    expect(seen.map(({ line, reason }) => [line, reason])).toEqual([
      [1, undefined],
      [2, 'the record is longer than 1 MiB'],
      [3, undefined],
      [4, 'the record is longer than 1 MiB'],
      [5, undefined],
    ])
    expect(seen[1]!.raw).toBe(long.slice(0, 4096))
  })

  it('fails when the mapping names a key that no record has', async () => {
    await expect(ndjson('{"a":1}\n', [{ name: 'z', isExplicit: true, mayBeAbsent: true }])).rejects.toThrow(
      /No record has "z"/,
    )
  })

  it('agrees with JSON.parse on any line', async () => {
    const value = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', '"', '\\', '\0', ' ', 'é', 'e\u0301', '€', '👩‍👩‍👧', '\u2028') }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    )
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd\n"'), value)
    const line = fc
      .tuple(
        object,
        fc.array(fc.tuple(fc.nat(200), fc.constantFrom('', '"', '\\', ',', '{', '}', '1', ' ', 'e', '.', 'u')), {
          maxLength: 2,
        }),
      )
      .map(([each, edits]) => {
        let text = JSON.stringify(each)
        for (const [at, put] of edits)
          text = text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1)
        return text
      })
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 200 }),
        async (lines, piece) => {
          const text = Buffer.from(['{"a":1,"b":2,"c":3,"d\\n\\"":4}', ...lines].join('\n')).toString()
          const source = await openNdjson(bytesOf(text, piece), optional('a'))
          const seen = await recordsOf(source, ['a', 'b', 'c'], 1000)
          const expected = text.split('\n').filter((each) => each.trim() !== '')
          expect(seen).toHaveLength(expected.length)
          for (const [at, { fields }] of seen.entries()) {
            const object = parsed(expected[at]!)
            if (fields)
              expect(fields.slice(0, 3).map(comparableValue)).toEqual(
                ['a', 'b', 'c'].map((key) => comparableValue(valueOf(object!, key))),
              )
            else if (object && Object.values(object).every((each) => typeof each !== 'object' || each === null)) {
              expect(seen[at]!.reason).toMatch(/several keys|surrogate/)
            }
          }
        },
      ),
      { numRuns: 300, seed },
    )
  })
})

/** An edit may have made another spelling of the key. */
function valueOf(object: Record<string, unknown>, name: string): unknown {
  return object[Object.keys(object).find((key) => comparable(key) === name) ?? name]
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Numbers keep their text, which may differ from how JavaScript prints them. */
function comparableValue(value: unknown): unknown {
  if (value === null || value === undefined) return ''
  // Adding 0 makes 0 of -0.
  if (typeof value === 'number') return value + 0
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text !== '' && !Number.isNaN(Number(text)) ? Number(text) + 0 : text
}

describe('blanks between records', () => {
  const blanks = '\n'.repeat(9 << 20)
  const long = `{"a":"${'x'.repeat(3 << 20)}"}`

  it('of any length cost no record of NDJSON', async () => {
    const seen = await ndjson(`{"a":1}\n${blanks}{"a":2}\n${blanks}${long}\n{"a":3}`)
    expect(seen.map(({ row, line, fields }) => [row, line, fields?.[0]])).toEqual([
      [1, 1, '1'],
      [2, 2 + blanks.length, '2'],
      [3, 3 + 2 * blanks.length, undefined],
      [4, 4 + 2 * blanks.length, '3'],
    ])
  })

  it('of any length cost no record of JSON', async () => {
    const seen = await json(`[{"a":1},${blanks}{"a":2}${blanks},${long},${blanks}{"a":3}${blanks}]`)
    expect(seen.map(({ row, line, fields }) => [row, line, fields?.[0]])).toEqual([
      [1, 1, '1'],
      [2, 1 + blanks.length, '2'],
      [3, 1 + 2 * blanks.length, undefined],
      [4, 1 + 3 * blanks.length, '3'],
    ])
  })
})

describe('at the beginning', () => {
  const blanks = ' \n'.repeat(1_200_000)
  const lines = 1_200_000
  const long = JSON.stringify({ a: 'x', b: 'y'.repeat(1_100_000) })
  const whole = Array.from({ length: 99 }, (_, at) => JSON.stringify({ a: at, c: 'z' }))
  const tooLong = 'the record is longer than 1 MiB'
  const wanted: WantedField[] = [
    { name: 'A', isExplicit: false, mayBeAbsent: false },
    { name: 'b', isExplicit: false, mayBeAbsent: true },
  ]

  it('blanks cost no record of NDJSON', async () => {
    expect(await ndjson(`${blanks}{"a":1}\n{"a":2}`)).toMatchObject([{ line: lines + 1 }, { line: lines + 2 }])
  })

  it.each([
    ['the array', `${blanks}[\n{"a":1},{"a":2}]`],
    ['the first record', `[${blanks}\n{"a":1},{"a":2}]`],
    ['the first record of "data"', `{"data":[${blanks}\n{"a":1},{"a":2}]}`],
  ])('blanks before %s cost no record of JSON', async (_name, text) => {
    const seen = await json(text)
    expect(seen.map(({ line, fields }) => [line, fields?.[0]])).toEqual([
      [lines + 2, '1'],
      [lines + 2, '2'],
    ])
  })

  it('nothing but blanks is an empty file', async () => {
    await expect(json(blanks)).rejects.toThrow('The file is empty')
    await expect(ndjson(blanks)).rejects.toThrow('The file is empty')
    await expect(json(`[${blanks}]`)).rejects.toThrow('no records')
  })

  it.each([
    ['NDJSON', [long, ...whole].join('\n'), ndjson],
    ['JSON', `[${[long, ...whole].join()}]`, json],
    ['wrapped JSON', `{"data":[${[long, ...whole].join(',\n')}]}`, json],
  ] as const)('a record over 1 MiB of %s is rejected alone', async (_name, text, read) => {
    const seen = await read(text, wanted)
    expect(seen.map(({ fields, reason }) => reason ?? fields?.[0])).toEqual([
      tooLong,
      ...Array.from({ length: 99 }, (_, at) => String(at)),
    ])
  })

  it('a broken record that the first MiB cuts off is no reason to refuse the file', async () => {
    const broken = `{"a":nul,"b":"${'y'.repeat(500_000)}"}`
    const seen = await json(`[{"a":1,"b":"${'x'.repeat(900_000)}"},${broken},{"a":2}]`)
    expect(seen.map(({ fields, raw }) => fields?.[0] ?? raw.slice(0, 8))).toEqual(['1', '{"a":nul', '2'])
  })
})

describe('JSON', () => {
  const rows = [
    { a: 1, b: 'x' },
    { a: 2.5, b: '} ] , {"' },
    { b: null, a: 'z', more: { deep: [1, { x: 'y' }] } },
  ]
  const expected = [
    ['1', 'x'],
    ['2.5', '} ] , {"'],
    ['z', ''],
  ]

  it.each([
    ['an array', JSON.stringify(rows)],
    ['a pretty array', JSON.stringify(rows, null, 2)],
    ['an object with data', JSON.stringify({ total: 3, meta: { data: [1] }, data: rows, next: null })],
    ['a pretty object with data', `\ufeff${JSON.stringify({ data: rows }, null, 4)}\n`],
  ])('reads %s, in pieces of any size', async (_name, text) => {
    for (const piece of [1, 2, 7, 64, 1 << 20]) {
      const seen = await recordsOf(await openJson(bytesOf(text, piece), optional('a', 'b')), ['a', 'b'], 10)
      expect(seen.map(({ fields }) => fields?.slice(0, 2))).toEqual(expected)
    }
  })

  it('says on which line a record starts', async () => {
    const seen = await json('[\n  {"a":1,\n   "b":2}\n,\n\n{"a":3}, {"a":4}]')
    expect(seen.map(({ line }) => line)).toEqual([2, 6, 6])
  })

  it.each([
    ['a broken number', '{"a":1.}', 'unexpected "}" at character 8 of the record'],
    ['text behind a value', '{"a":1 2}', 'unexpected "2" at character 8 of the record'],
    ['a missing brace', '{"a":{"b":1}', undefined],
    ['an unclosed quote', '{"a":"x}', undefined],
  ])('costs one record when one on a line of its own has %s', async (_name, broken, problem) => {
    const seen = await json(`[\n{"a":1},\n${broken},\n{"a":2}\n]`)
    expect(seen.map(({ fields, line }) => [fields?.[0], line])).toEqual([
      ['1', 2],
      [undefined, 3],
      ['2', 4],
    ])
    expect(seen[1]!.raw).toBe(broken)
    if (problem) expect(seen[1]!.reason).toBe(`the record is not valid JSON: ${problem}`)
  })

  it('fails when an unclosed record on a single line may have swallowed the next', async () => {
    await expect(json('[{"a":{"b":1},{"a":2}]')).rejects.toThrow(/cannot be told/)
  })

  it('costs one record when brackets tell where a broken one ends', async () => {
    const seen = await json('[{"a":1},{"a":nul},7,[8],{"a":2}]')
    expect(seen.map(({ fields, raw }) => fields?.[0] ?? raw)).toEqual(['1', '{"a":nul}', '7', '[8]', '2'])
    const pretty = await json(JSON.stringify([{ a: 1 }, { a: 2 }, { a: 3 }], null, 2).replace('2\n', '2 2\n'))
    expect(pretty.map(({ fields, reason }) => fields?.[0] ?? reason)).toEqual([
      '1',
      'the record is not valid JSON: unexpected "2" at line 6, character 12',
      '3',
    ])
  })

  it('refuses deep nesting and long records one by one', async () => {
    const deep = `{"a":${'['.repeat(50)}${']'.repeat(50)}}`
    const long = `{"a":"${'x'.repeat(3_000_000)}","b":[{}, 1]}`
    const seen = await json(`[{"a":1},${deep},${long},\n{"a":2},{"a":"${'y'.repeat(1024 * 1024)}"},{"a":3}]`)
    expect(seen.map(({ fields, reason, line }) => [fields?.[0] ?? reason, line])).toEqual([
      ['1', 1],
      ['the record is not valid JSON: nested deeper than 32 levels at character 37 of the record', 1],
      ['the record is longer than 1 MiB', 1],
      ['2', 2],
      ['the record is longer than 1 MiB', 2],
      ['3', 2],
    ])
  })

  it.each([
    ['[{"a":1},{"a":', /ends inside record 2 \(line 1\)/],
    ['[{"a":1},', /ends inside record 2/],
    ['[{"a":1}', /ends inside record 2/],
    ['{"data":[{"a":1}]', /not the rest of a JSON object/],
    ['{"data":[{"a":1}],"data":[]}', /not the rest of a JSON object/],
    ['[{"a":1}] x', /text follows the end of the array/],
    ['[{"a":1} {"a":2}]', /a comma or the end of the array must follow record 1/],
    ['[{"a":1},{"a":{"b":1},{"a":2},{"a":3}]', /where the next record begins cannot be told/],
    ['[]', /no records/],
    ['', /empty/],
    ['x', /begins neither/],
    ['{"a":1}', /without "data"/],
    ['{ }', /without "data"/],
    ['{}\n{}', /NDJSON/],
    ['{"a":1}\n{"a":2}', /NDJSON/],
    ['{"data":{"a":1}}', /not an array/],
    ['{"a":1,"meta":{', /cut off/],
    ['{"a":tru3,"data":[]}', /unexpected "3" in line 1/],
    [`[${'['.repeat(200_000)}`, /No record|cannot be told|ends inside/],
  ])('fails as a whole: %.60s', async (text, problem) => {
    await expect(json(text)).rejects.toThrow(problem)
  })
})
