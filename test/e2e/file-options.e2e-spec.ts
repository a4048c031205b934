import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'
import { rejectsOf, upload } from '../support/upload.js'

const COLUMNS = ['TransactionId', 'TransactionDate', 'Country', 'ProductId', 'Quantity', 'TotalPrice', 'ProductName']

let nextId = 0

describe('file options', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
    customer = await Customer.create(server, 10_000)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  /** Records of one product each, with ids that no other test has. */
  function recordsOf(names: string[]): string[][] {
    return names.map((name) => [`F${++nextId}`, '2024-03-01', 'Chile', 'P1', '1', '2', name])
  }

  /** ProductName by TransactionId of the records that are in the dataset. */
  async function namesOf(records: string[][]): Promise<(string | undefined)[]> {
    const ids = records.map(([id]) => id!)
    const answer = await customer.query({
      dataset: 'transactions',
      select: ['transaction_id', 'product_name'],
      filters: [{ member: 'transaction_id', operator: 'equals', values: ids }],
      limit: 1000,
    })
    const { data } = (await answer.json()) as { data: { transaction_id: string; product_name: string }[] }
    const byId = new Map(data.map((row) => [row.transaction_id, row.product_name]))
    return ids.map((id) => byId.get(id))
  }

  async function rejectsFile(id: string, type = 'text/csv'): Promise<string> {
    return (await server.fetch(`/v1/ingestions/${id}/rejects`, { headers: { accept: type } })).text()
  }

  const lines = (records: string[][], delimiter = ','): string =>
    [COLUMNS, ...records].map((record) => `${record.join(delimiter)}\n`).join('')

  describe('delimiter', () => {
    it.each([
      ['^', '^'],
      ['tab', '\t'],
      ['\\t', '\t'],
      ['\t', '\t'],
      [' ', ' '],
      ['~', '~'],
      ['\x1f', '\x1f'],
      ['-', '-'],
      [';', ';'],
    ])('%j cuts a CSV file', async (option, delimiter) => {
      const records = recordsOf(['"a name, with; all|marks"', 'b']).map((record) =>
        record.map((value) => (value === '2024-03-01' ? '"2024-03-01"' : value)),
      )
      const { body } = await upload(server, lines(records, delimiter), { format: 'csv', delimiter: option })
      expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 2 })
      expect(await namesOf(records)).toEqual(['a name, with; all|marks', 'b'])
    })

    it('goes before what the first line names, and that line is skipped', async () => {
      const records = recordsOf(['x', 'y'])
      const { body } = await upload(server, `sep=;\n${lines(records, '|')}`, { format: 'csv', delimiter: '|' })
      expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 2, rowsRejected: 0 })
      const other = recordsOf(['x', 'y'])
      const tsv = await upload(server, lines(other, ';'), { format: 'tsv', delimiter: ';' })
      expect(tsv.body).toMatchObject({ status: 'succeeded', rowsAccepted: 2 })
    })
  })

  describe('quote', () => {
    it('\' quotes values, and " is text', async () => {
      const records = recordsOf([`'5" pipe, long'`, `'it''s'`, `"plain"`, `'two\nlines'`])
      const { body } = await upload(server, lines(records), { format: 'csv', quote: "'" })
      expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 4 })
      expect(await namesOf(records)).toEqual(['5" pipe, long', `it's`, '"plain"', 'two\nlines'])
    })

    it('none takes all quotes for text, one to a line', async () => {
      const names = [`"open`, `'open`, `"whole"`, `'whole'`, `a "b" c`, `""`]
      const records = recordsOf(names)
      const { body } = await upload(server, lines(records), { format: 'csv', quote: 'none' })
      expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: names.length, rowsRejected: 0 })
      expect(await namesOf(records)).toEqual(names)
    })

    it.each([
      ["'", [`'a, "b"'`, `'it''s'`]],
      ['none', [`"a'`, `'b"`]],
      ['"', [`"a, 'b'"`, `"say ""hi"""`]],
    ])('%s gives rejected rows that can be mended and sent again with the same options', async (quote, names) => {
      const skipped = 'Report "of \' the day\n\n"never closed;;;\n'
      const records = recordsOf(names)
      const broken = records.map((record) => record.with(4, 'many'))
      const options = { format: 'csv', quote, delimiter: ';', skipLines: '3', mapping: '{"Region":{"value":"again"}}' }
      const first = await upload(server, skipped + lines([...broken, ...recordsOf(['ok'])], ';'), options)
      expect(first.body).toMatchObject({ status: 'succeeded', rowsAccepted: 1, rowsRejected: 2 })
      const rejects = await rejectsOf(server, first.body.id)
      expect(rejects.map(({ row, line, column }) => [row, line, column])).toEqual([
        [1, 5, 'Quantity'],
        [2, 6, 'Quantity'],
      ])
      expect(rejects[0].reason).toBe('Quantity: "many" is not an integer')
      const file = await rejectsFile(first.body.id)
      expect(file).toBe(skipped + lines(broken, ';'))
      const again = await upload(server, file.replaceAll(';many;', ';1;'), options)
      expect(again.body).toMatchObject({ status: 'succeeded', rowsAccepted: 2, rowsRejected: 0 })
      const plain = names.map((name) => {
        if (quote === 'none') return name
        return Papa.parse<string[]>(name, { quoteChar: quote, delimiter: ';' }).data[0]![0]
      })
      expect(await namesOf(records)).toEqual(plain)
    })

    it.each(['"', "'", 'none'])('%s: a record that was cut off is refused when it is sent again', async (quote) => {
      const long = 'x'.repeat(1_100_000)
      const options = { format: 'csv', quote, mapping: '{"Region":{"value":"cut"}}' }
      const first = await upload(server, lines(recordsOf([long, 'b'])), options)
      expect(first.body).toMatchObject({ rowsAccepted: 1, rowsRejected: 1 })
      const file = await rejectsFile(first.body.id)
      const again = await upload(server, file + recordsOf(['c'])[0]!.join(','), options)
      expect(again.body).toMatchObject({ status: 'succeeded', rowsAccepted: 1, rowsRejected: 1 })
    })
  })

  describe('skipLines', () => {
    it.each(['csv', 'tsv', 'ndjson'])('reads past anything in %s, and line numbers count it', async (format) => {
      const skipped = '\ufeff<report> "a\n{"b": [\n\n'
      const [good, bad] = recordsOf(['x', 'y'])
      const rows = [good!, bad!.with(4, 'two')]
      const objects = rows.map((row) =>
        JSON.stringify(Object.fromEntries(row.map((value, at) => [COLUMNS[at], value]))),
      )
      const table = format === 'ndjson' ? `${objects.join('\n')}\n` : lines(rows, format === 'tsv' ? '\t' : ',')
      for (const named of [{ format }, {}] as Record<string, string>[]) {
        // Told by the content, tabs are found in the header.
        const { body } = await upload(server, skipped + table, { skipLines: '3', force: 'true', ...named })
        expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 1, rowsRejected: 1 })
        const rejects = await rejectsOf(server, body.id)
        expect(rejects[0]).toMatchObject({ row: 2, line: format === 'ndjson' ? 5 : 6 })
      }
    })

    it('heeds a line sep= as the first of the file, and behind the skipped ones', async () => {
      for (const start of ['sep=|\nnote\n', 'note\nnote\nsep=|\n']) {
        const records = recordsOf(['a;b;c;d;e;f;g;h', 'y'])
        const { body } = await upload(server, start + lines(records, '|'), { format: 'csv', skipLines: '2' })
        expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 2 })
        expect(await namesOf(records)).toEqual(['a;b;c;d;e;f;g;h', 'y'])
      }
    })

    it('says of a file that has not so many lines that it ends before the table', async () => {
      const { body } = await upload(server, 'a,b\n1,2\n', { format: 'csv', skipLines: '5' })
      expect(body).toMatchObject({
        status: 'failed',
        error: 'The file ends before the table: skipLines is 5, and it has 2 line ends.',
      })
    })

    it.each([
      ['json', '[{"a":1}]'],
      ['xml', '<r><x a="1"/></r>'],
      ['parquet', 'PAR1'],
    ])('is refused for %s, also where only the content tells the format', async (format, content) => {
      const named = await upload(server, content, { format, skipLines: '1' })
      expect(named.status).toBe(400)
      expect(named.body.errors).toEqual([
        { path: 'skipLines', message: `is for csv, tsv, ndjson and not for ${format}; leave it out` },
      ])
      const found = await upload(server, `\n${content}`, { skipLines: '1' })
      if (format !== 'parquet') expect(found.status).toBe(400)
    })
  })

  describe('recordElement', () => {
    const element = (name: string, record: string[]): string =>
      `<${name}>${record.map((value, at) => `<${COLUMNS[at]}>${value}</${COLUMNS[at]}>`).join('')}</${name}>`

    it('takes the elements of that name, wherever they lie', async () => {
      const records = recordsOf(['a', 'b', 'c'])
      const others = recordsOf(['d', 'e'])
      const xml =
        `<all>${element('line', records[0]!)}<group>text<deep>${element('n:line', records[1]!)}</deep>` +
        `${others.map((record) => element('other', record)).join('')}</group>${element('line', records[2]!)}</all>`
      const declared = xml.replace('<all>', '<all xmlns:n="urn:n">')
      const { body } = await upload(server, declared, { recordElement: 'line' })
      expect(body).toMatchObject({ status: 'succeeded', format: 'xml', rowsAccepted: 3, rowsRejected: 0 })
      expect(await namesOf([...records, ...others])).toEqual(['a', 'b', 'c', undefined, undefined])
    })

    it('says which elements there are when it is not there', async () => {
      const { body } = await upload(server, '<orders><Order a="1"/><Order a="2"/></orders>', { recordElement: 'order' })
      expect(body).toMatchObject({ status: 'failed' })
      expect(body.error).toBe(
        'The file has no element <order>, which recordElement names. Did you mean "Order" or "orders"? Use orders or Order.',
      )
    })
  })

  describe('refusals name the option', () => {
    it.each([
      ['delimiter', 'ab', 'one ASCII character'],
      ['delimiter', 'x', 'one ASCII character'],
      ['quote', '`', 'must be one of'],
      ['skipLines', '-1', 'whole number from 0 to 1000'],
      ['skipLines', '1001', 'whole number from 0 to 1000'],
      ['skipLines', '2.5', 'whole number from 0 to 1000'],
      ['nullValues', 'NA', 'JSON list'],
      ['nullValues', '[1]', 'JSON list'],
      ['nullValues', '{"a":1}', 'JSON list'],
      ['dateFormat', 'M/D', 'needs a year'],
      ['timezone', 'Mars/Olympus', 'is not a time zone'],
      ['timezone', "UTC'; DROP TABLE x", 'is not a time zone'],
      ['numberStyle', 'roman', 'must be one of'],
      ['scale', '3', 'must be one of'],
      ['encoding', 'ebcdic', 'must be one of'],
      ['recordElement', '<x>', 'name of an element'],
      ['decimalSeparator', ';', 'must be one of'],
      ['thousandsSeparator', '.', 'must differ from decimalSeparator'],
    ])('%s=%s', async (name, value, message) => {
      const { status, body } = await upload(server, 'a\n', {
        format: name === 'recordElement' ? 'xml' : 'csv',
        [name]: value,
      })
      expect(status).toBe(400)
      expect(body.errors).toEqual([{ path: name, message: expect.stringContaining(message) }])
    })

    it.each([
      ['delimiter', ';', 'json'],
      ['quote', 'none', 'ndjson'],
      ['recordElement', 'x', 'csv'],
    ])('%s=%s for %s', async (name, value, format) => {
      const { status, body } = await upload(server, '[]', { format, [name]: value })
      expect(status).toBe(400)
      expect(body.errors).toMatchObject([{ path: name }])
    })

    it('and unknown ones the nearest name; an empty field of a form counts as left out', async () => {
      const wrong = await upload(server, 'a\n', { delimeter: ';' })
      expect(wrong.body.errors[0].message).toContain('"delimiter"')
      const form = new FormData()
      const names = ['nullValues', 'dateFormat', 'timezone', 'numberStyle', 'scale', 'delimiter', 'quote', 'skipLines']
      for (const name of [...names, 'recordElement', 'thousandsSeparator', 'decimalSeparator', 'encoding'])
        form.set(name, '')
      form.set('wait', 'true')
      form.set('file', new Blob([lines(recordsOf(['x']))]), 'x.csv')
      const response = await server.fetch('/v1/ingestions', { method: 'POST', body: form })
      expect([response.status, ((await response.json()) as any).status]).toEqual([200, 'succeeded'])
    })
  })

  describe('the same table in every format', () => {
    /** A literal of JSON, and the text that it is in every format. */
    const VALUES: [literal: string, text: string][] = [
      ['5', '5'],
      ['-7', '-7'],
      ['9007199254740993', '9007199254740993'],
      ['1.5e3', '1.5e3'],
      ['5.0', '5.0'],
      ['-0', '-0'],
      ['1E400', '1E400'],
      ['0.1', '0.1'],
      ['true', 'true'],
      ['false', 'false'],
      ['null', ''],
      ['""', ''],
      ['"2024-03-01T12:34:56.789Z"', '2024-03-01T12:34:56.789Z'],
      ['"NaN"', 'NaN'],
    ]

    it.each(['csv', 'tsv', 'json', 'ndjson', 'xml'])('gives the same texts in %s', async (format) => {
      const records = recordsOf(VALUES.map(([, text]) => text))
      const tagged = (name: string, text: string): string => `<${name}>${text}</${name}>`
      const objects = records.map((record, at) => {
        const fields = record.map((value, field) => [COLUMNS[field], field === 6 ? VALUES[at]![0] : `"${value}"`])
        return `{${fields.map(([name, literal]) => `"${name}":${literal}`).join(',')}}`
      })
      const files: Record<string, string> = {
        csv: lines(records),
        tsv: lines(records, '\t'),
        json: `[${objects.join(',\n')}]`,
        ndjson: `${objects.join('\n')}\n`,
        xml: `<r>${records.map((record) => tagged('x', record.map((text, at) => tagged(COLUMNS[at]!, text)).join(''))).join('')}</r>`,
      }
      const { body } = await upload(server, files[format]!, { format })
      expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: VALUES.length, rowsRejected: 0 })
      expect(await namesOf(records)).toEqual(VALUES.map(([, text]) => text))
    })

    it.each([
      ['BOOLEAN', 'BOOLEAN', {}, [true, false, null], ['true', 'false', '']],
      ['64-bit integers', 'INT64', {}, [5n, -7n, 9007199254740993n], ['5', '-7', '9007199254740993']],
      ['doubles', 'DOUBLE', {}, [1500, 5, 0.1, 1e-7], ['1500', '5', '0.1', '0.0000001']],
      ['decimals', 'INT64', { converted_type: 'DECIMAL', scale: 2, precision: 18 }, [1250n, -5n], ['12.5', '-0.05']],
      ['dates', 'INT32', { converted_type: 'DATE' }, [19783, -1], ['2024-03-01', '1969-12-31']],
      [
        'timestamps in UTC',
        'INT64',
        { converted_type: 'TIMESTAMP_MILLIS' },
        [1709296496789n, -1n],
        ['2024-03-01T12:34:56.789Z', '1969-12-31T23:59:59.999Z'],
      ],
      [
        'timestamps of no zone',
        'INT64',
        { logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' } },
        [1709296496789n],
        ['2024-03-01T12:34:56.789'],
      ],
    ])('gives texts of the same form for %s of Parquet', async (_what, type, annotation, data, texts) => {
      const records = recordsOf(texts)
      const element = { name: 'ProductName', type, repetition_type: 'OPTIONAL', ...annotation }
      const others = COLUMNS.slice(0, 6).map((name, at) => ({ name, data: records.map((record) => record[at]!) }))
      const schema = [
        { name: 'root', num_children: COLUMNS.length },
        ...others.map(({ name }) => ({
          name,
          type: 'BYTE_ARRAY',
          converted_type: 'UTF8',
          repetition_type: 'OPTIONAL',
        })),
        element,
      ] as SchemaElement[]
      const columnData = [...others, { name: 'ProductName', data: data as unknown[] }]
      const file = Buffer.from(parquetWriteBuffer({ schema, columnData }))
      const { body } = await upload(server, file, { format: 'parquet' })
      expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: texts.length, rowsRejected: 0 })
      expect(await namesOf(records)).toEqual(texts)
    })
  })

  describe('a summary of rejected rows', () => {
    it('groups the reasons without their values, the most frequent first', async () => {
      const records = [
        ...recordsOf(['a', 'b', 'c', 'd', 'e']).map((record, at) =>
          record.with(4, ['two', '"q""x"', 'tw\\o', '1.5', 'two'][at]!),
        ),
        ...recordsOf(['f', 'g']).map((record, at) => record.with(1, ['soon', 'never'][at]!)),
        ...recordsOf(['h']).map((record) => record.with(2, '')),
        ['just', 'two'],
        ...recordsOf(['ok']),
      ]
      const { body } = await upload(server, lines(records), { format: 'csv' })
      expect(body).toMatchObject({ rowsAccepted: 1, rowsRejected: 9 })
      const path = `/v1/ingestions/${body.id}/rejects?summary=true`
      const { body: summary } = await server.json('GET', path)
      expect(summary.pagination).toEqual({ limit: 50, offset: 0, total: 4 })
      expect(summary.data[0]).toMatchObject({
        reason: 'Quantity: {value} is not an integer',
        column: 'Quantity',
        count: 5,
      })
      expect(summary.data[0].examples).toHaveLength(3)
      for (const example of summary.data[0].examples) expect(['two', 'q"x', 'tw\\o', '1.5']).toContain(example)
      expect(summary.data[1]).toMatchObject({ column: 'TransactionDate', count: 2, examples: ['never', 'soon'] })
      expect(summary.data[1].reason).toContain('TransactionDate: {value} is not a date')
      expect(summary.data.slice(2)).toEqual([
        { reason: 'Country: is required', column: 'Country', count: 1, examples: [] },
        { reason: 'expected 7 fields, found 2', column: null, count: 1, examples: [] },
      ])
      const page = await server.json('GET', `${path}&limit=1&offset=1`)
      expect(page.body).toEqual({ data: [summary.data[1]], pagination: { limit: 1, offset: 1, total: 4 } })
    })

    it('counts each place where JSON is broken as one reason', async () => {
      const bad = ['{"TransactionId": x}', '{"TransactionId":    x}', '{"TransactionId": "a" "b"}']
      const good = JSON.stringify({
        TransactionId: `F${++nextId}`,
        TransactionDate: '2024-03-01',
        Country: 'x',
        ProductId: 'y',
        Quantity: 1,
        Price: 1,
      })
      const { body } = await upload(server, [good, ...bad].join('\n'), { format: 'ndjson' })
      const { body: summary } = await server.json('GET', `/v1/ingestions/${body.id}/rejects?summary=true`)
      expect(summary.data.map(({ count }: { count: number }) => count)).toEqual([2, 1])
      expect(summary.data[0].reason).toBe('the record is not valid JSON: unexpected "x"')
    })

    it('is JSON only, and nothing for a job without rejected rows or one that is not there', async () => {
      const { body } = await upload(server, lines(recordsOf(['x'])), { format: 'csv' })
      const path = `/v1/ingestions/${body.id}/rejects?summary=true`
      expect((await server.json('GET', path)).body).toEqual({
        data: [],
        pagination: { limit: 50, offset: 0, total: 0 },
      })
      const csv = await server.fetch(path, { headers: { accept: 'text/csv' } })
      expect(csv.status).toBe(400)
      expect(((await csv.json()) as any).errors).toMatchObject([{ path: 'summary' }])
      const none = await server.json('GET', `/v1/ingestions/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11/rejects?summary=true`)
      expect(none.status).toBe(404)
      expect((await server.json('GET', path.replace('true', 'yes'))).status).toBe(400)
    })
  })
})
