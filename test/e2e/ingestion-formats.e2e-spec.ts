import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TRANSACTION_COLUMNS } from '../../tools/generator/transactions-generator.js'
import { Customer } from '../support/customer.js'
import { rejectsOf, upload } from '../support/upload.js'
import { startServer, type TestServer } from '../support/server.js'
import { generatedRows, written, type Row, type TextFormat } from '../support/transaction-table.js'
import { zstdStored } from '../support/zstd.js'

const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() & 0x7fffffff
const ROWS = Number(process.env.FORMAT_ROWS ?? 200_000)
const TEXT_FORMATS: TextFormat[] = ['csv', 'tsv', 'json', 'ndjson', 'xml']
const MAX_DECOMPRESSED_BYTES = 210_000_000
/** what a hostile file may cost the API process beyond what it takes when idle */
const MAX_MEMORY_ABOVE_IDLE = 400_000_000

const MEASURES = [
  'transactions',
  'revenue',
  'items_sold',
  'average_price',
  'unique_users',
  'unique_products',
  'latest_stock',
]
const MEMBERS = TRANSACTION_COLUMNS.map((name) => name.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase())

console.log(`SEED=${seed}`)

describe('formats', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer({
      env: { RATE_LIMIT_PER_MINUTE: '100000', MAX_DECOMPRESSED_BYTES: String(MAX_DECOMPRESSED_BYTES) },
    })
    customer = await Customer.create(server, 10_000)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const load = async (body: string | Buffer, options?: Record<string, string>, headers?: Record<string, string>) =>
    (await upload(server, body, options, { 'content-type': 'application/octet-stream', ...headers })).body

  const figuresOf = async (region: string) =>
    (
      await customer.execute({
        measures: MEASURES,
        filters: [{ member: 'region', operator: 'equals', values: [region] }],
      })
    ).data[0]

  describe(`one table of ${ROWS} rows`, () => {
    const rows = generatedRows(ROWS, seed)
    let expected: Record<string, unknown>
    const tagged = (tag: string): string => JSON.stringify({ Region: { value: tag } })

    /** Loads the bytes plain, gzipped and as zstd; the rows carry a tag, so that it is known which load they are from. */
    async function check(format: string, bytes: Buffer): Promise<void> {
      const forms: [ending: string, bytes: Buffer][] = [
        ['', bytes],
        ['.gz', gzipSync(bytes, { level: 1 })],
        ['.zst', zstdStored(bytes)],
      ]
      for (const [ending, form] of forms) {
        const tag = `${format}${ending}`
        const job = await load(form, { fileName: `sales.${format}${ending}`, mapping: tagged(tag), force: 'true' })
        expect(job, tag).toMatchObject({ status: 'succeeded', format, rowsRead: ROWS, rowsAccepted: ROWS, error: null })
        expected ??= await figuresOf(tag)
        expect(await figuresOf(tag), tag).toEqual(expected)
      }
    }

    it('has the sums in CSV that its rows have', async () => {
      await check('csv', Buffer.from(written('csv', rows).text))
      const column = (name: (typeof TRANSACTION_COLUMNS)[number]) => TRANSACTION_COLUMNS.indexOf(name)
      const cents = rows.reduce((sum, row) => sum + BigInt(row[column('TotalPrice')]!.replace('.', '')), 0n)
      expect(expected).toMatchObject({
        transactions: ROWS,
        revenue: Number(cents) / 100,
        items_sold: rows.reduce((sum, row) => sum + Number(row[column('Quantity')]), 0),
        unique_users: new Set(rows.map((row) => row[column('UserId')]).filter(Boolean)).size,
        unique_products: new Set(rows.map((row) => row[column('ProductId')]).filter(Boolean)).size,
      })
    })

    it.each(TEXT_FORMATS.slice(1))('has the same in %s', async (format) => {
      await check(format, Buffer.from(written(format, rows).text))
    })

    it('has the same in Parquet, as the API exports it', async () => {
      const response = await customer.query(
        { select: MEMBERS, limit: ROWS },
        { accept: 'application/vnd.apache.parquet' },
      )
      expect(response.status).toBe(200)
      await check('parquet', Buffer.from(await response.arrayBuffer()))
    })
  })

  const defects: [column: (typeof TRANSACTION_COLUMNS)[number], value: string, reason: string][] = [
    ['TransactionId', '', 'is required'],
    ['TransactionDate', '2024-02-30', 'is not a date'],
    ['TransactionDate', 'soon', 'is not a date'],
    ['Country', '', 'is required'],
    ['ProductId', '', 'is required'],
    ['Price', 'ten', 'is not a decimal number'],
    ['Price', '1.00001', 'has more than 4 decimals'],
    ['Price', '100000000000000', 'out of range'],
    ['Quantity', 'two', 'is not an integer'],
    ['Quantity', '1.5', 'is not an integer'],
    ['Quantity', '2147483648', 'out of range'],
    ['TotalPrice', '0.123', 'differs from Price x Quantity'],
  ]

  /** 1,000 rows of the table get one defect each. */
  function mutated(rows: Row[]): Map<number, (typeof defects)[number]> {
    const placed = new Map<number, (typeof defects)[number]>()
    for (let at = 0; at < 1_000; at++) {
      const row = Math.floor((at * rows.length) / 1_000) + (at % 7)
      const defect = defects[at % defects.length]!
      rows[row] = rows[row]!.with(TRANSACTION_COLUMNS.indexOf(defect[0]), defect[1])
      placed.set(row + 1, defect)
    }
    return placed
  }

  it.each(TEXT_FORMATS)('tells 1,000 defects of 12 kinds by record, line and column in %s', async (format) => {
    const rows = generatedRows(40_000, seed)
    const placed = mutated(rows)
    const { text, firstLine } = written(format, rows)
    const job = await load(text, { format, force: 'true' })
    expect(job).toMatchObject({ status: 'succeeded', rowsRead: 40_000, rowsAccepted: 39_000, rowsRejected: 1_000 })
    const rejects = await rejectsOf(server, job.id)
    expect(rejects.map(({ row }) => row)).toEqual([...placed.keys()])
    const lines = text.split('\n')
    for (const reject of rejects) {
      const [column, value, reason] = placed.get(reject.row)!
      expect(reject).toMatchObject({
        column,
        value,
        line: reject.row + firstLine,
        reason: expect.stringContaining(reason),
      })
      expect(reject.raw).toBe(lines[reject.line - 1]!.replace(/,$/, ''))
    }
  })

  it.each(['json', 'ndjson', 'xml'] as const)(
    'gives refused %s records as CSV, to be corrected and sent again',
    async (format) => {
      const rows = generatedRows(20, 1).map((row, at) => row.with(0, `mend-${format}-${at}`))
      rows[7] = rows[7]!.with(9, 'two').with(6, 'a "b", c')
      const job = await load(written(format, rows).text)
      expect(job).toMatchObject({ rowsAccepted: 19, rowsRejected: 1 })
      const csv = await rejectsFile(job.id)
      expect(csv).toBe(written('csv', [rows[7]]).text)
      const mapping = JSON.stringify({ Price: { value: '' } })
      expect(await load(csv.replace('two', '2'), { mapping })).toMatchObject({ rowsAccepted: 1, rowsRejected: 0 })
    },
  )

  it('explains refused Parquet records by the values that the engine reads, and gives them as CSV', async () => {
    const rows = generatedRows(20, 1).map((row, at) => row.with(0, `parquet-${at}`).with(4, 'Parquet rejects'))
    await load(written('csv', rows).text)
    const filters = [{ member: 'region', operator: 'equals', values: ['Parquet rejects'] }]
    const query = { select: MEMBERS, filters, order: [['transaction_id', 'asc']] }
    const answer = await customer.query(query, { accept: 'application/vnd.apache.parquet' })
    const mapping = { Quantity: 'product_id', TransactionId: 'transaction_id' }
    const job = await load(Buffer.from(await answer.arrayBuffer()), { mapping: JSON.stringify(mapping) })
    expect(job).toMatchObject({ status: 'failed', format: 'parquet', rowsRead: 20, rowsRejected: 20 })
    const [first] = await rejectsOf(server, job.id)
    const byId = [...rows].sort(([a], [b]) => (a! < b! ? -1 : 1))
    const product = byId[0]![5]!
    expect(first).toMatchObject({ row: 1, line: 1, column: 'Quantity', value: product })
    expect(first.reason).toBe(`Quantity: "${product}" is not an integer`)
    expect(JSON.parse(first.raw)).toMatchObject({
      transaction_id: byId[0]![0],
      product_id: product,
      region: 'Parquet rejects',
    })
    const [header, record, ...more] = (await rejectsFile(job.id)).trimEnd().split('\n')
    expect(header).toBe(MEMBERS.join(','))
    expect(record).toContain(`${byId[0]![0]},${byId[0]![1]}`)
    expect(more).toHaveLength(18 + 1)
  })

  it('pages the CSV of rejects', async () => {
    const rows = generatedRows(10, 1).map((row) => row.with(9, 'x'))
    const { id } = await load(written('ndjson', rows).text)
    expect(await rejectsFile(id, '?limit=2&offset=3')).toBe(written('csv', rows.slice(3, 5)).text)
    expect(await rejectsFile(id)).toBe(written('csv', rows).text)
  })

  async function rejectsFile(id: string, query = ''): Promise<string> {
    const response = await server.fetch(`/v1/ingestions/${id}/rejects${query}`, { headers: { accept: 'text/csv' } })
    return response.text()
  }

  describe('property', () => {
    /** What is a record of CSV, as one expression: the rest of a line that it does not match is one faulty record. */
    const FIELD = '(?:"(?:[^"]|"")*"|(?!")[^,\\r\\n]*)'
    const RECORD = new RegExp(`${FIELD}(?:,${FIELD})*(?:\\r?\\n|$)`, 'y')
    function recordsIn(text: string): number {
      let records = 0
      for (let at = 0; at < text.length;) {
        RECORD.lastIndex = at
        const match = RECORD.exec(text)
        const lineEnd = text.indexOf('\n', at)
        const end = match ? RECORD.lastIndex : lineEnd < 0 ? text.length : lineEnd + 1
        if (!/^\r?\n?$/.test(text.slice(at, end))) records++
        at = end
      }
      return records
    }

    it('accounts for every record of any CSV text', async () => {
      const [good] = generatedRows(1, 1)
      const head = written('csv', [good!]).text
      const piece = fc.constantFrom(
        'a',
        ',',
        '"',
        '""',
        '\n',
        '\r\n',
        '\r',
        '\0',
        'é',
        ' ',
        ',,,,,,,,,,,,',
        head.split('\n')[1]!,
      )
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 200 }), async (pieces) => {
          const tail = pieces.join('')
          const job = await load(head + tail, { format: 'csv', force: 'true' })
          // A carriage return alone at the very end belongs to the record before it.
          expect(job.rowsRead, JSON.stringify(tail)).toBe(1 + recordsIn(tail))
          expect(job.rowsAccepted + job.rowsRejected).toBe(job.rowsRead)
        }),
        { numRuns: 20, seed },
      )
    })

    it('accounts for every record of any NDJSON text', async () => {
      const good = written('ndjson', generatedRows(1, 1)).text
      const piece = fc.constantFrom(
        '{',
        '}',
        '"',
        ':',
        ',',
        '[',
        ']',
        '1',
        'a',
        '\\',
        '\n',
        ' ',
        '{}',
        good,
        good.trimEnd(),
        '"a":1',
        '\r\n',
      )
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 200 }), async (pieces) => {
          const text = good + pieces.join('')
          const job = await load(text, { format: 'ndjson', force: 'true' })
          const lines = text.split('\n').filter((line) => line.trim() !== '')
          const accepted = lines.filter((line) => line.trim() === good.trim())
          expect([job.rowsRead, job.rowsAccepted], JSON.stringify(text)).toEqual([lines.length, accepted.length])
        }),
        { numRuns: 20, seed },
      )
    })
  })

  describe('told by', () => {
    const [row] = generatedRows(1, 2)
    const tell = async (body: string | Buffer, options: Record<string, string>, headers: Record<string, string> = {}) =>
      load(body, { force: 'true', ...options }, headers)

    it.each(TEXT_FORMATS)('content: %s', async (format) => {
      const { text } = written(format, [row!, row!])
      const expected = { format: format === 'tsv' ? 'csv' : format, status: 'succeeded', rowsAccepted: 2 }
      expect(await tell(text, {})).toMatchObject(expected)
      expect(await tell(gzipSync(text), {}, { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject(
        expected,
      )
      expect(await tell(zstdStored(Buffer.from(text)), {})).toMatchObject(expected)
    })

    it('Content-Encoding, content type and a .json file of lines', async () => {
      const { text } = written('ndjson', [row!, row!])
      expect(
        await tell(
          zstdStored(Buffer.from(text)),
          {},
          { 'content-encoding': 'zstd', 'content-type': 'application/x-ndjson' },
        ),
      ).toMatchObject({ format: 'ndjson', rowsAccepted: 2 })
      expect(await tell(text, { fileName: 'lines.json' })).toMatchObject({ format: 'ndjson', rowsAccepted: 2 })
    })

    it('Content-Encoding in any case', async () => {
      const { text } = written('csv', [row!])
      expect(await tell(gzipSync(text), {}, { 'content-encoding': 'GZIP' })).toMatchObject({ rowsAccepted: 1 })
      expect(await tell(zstdStored(Buffer.from(text)), {}, { 'content-encoding': 'Zstd' })).toMatchObject({
        rowsAccepted: 1,
      })
      expect(await tell(text, {}, { 'content-encoding': 'Identity' })).toMatchObject({ rowsAccepted: 1 })
    })

    it('a byte order mark or encoding', async () => {
      const named = row!.with(6, 'Käse €')
      const { text } = written('csv', [named])
      const nameOf = async () =>
        (
          await customer.execute({
            select: ['product_name'],
            filters: [{ member: 'transaction_id', operator: 'equals', values: [named[0]] }],
          })
        ).data[0].product_name
      for (const [bytes, options] of [
        [Buffer.from(`\ufeff${text}`, 'utf16le'), {}],
        [Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), {}],
        [Buffer.from(text, 'utf16le'), { encoding: 'utf-16' }],
        [Buffer.from(text.replace('€', '\x80'), 'latin1'), { encoding: 'windows-1252' }],
      ] as [Buffer, Record<string, string>][]) {
        await load(written('csv', [row!.with(6, 'before')]).text, { force: 'true' })
        expect(await tell(bytes, options)).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
        expect(await nameOf()).toBe('Käse €')
      }
    })

    it('the charset of the content type', async () => {
      const text = written('csv', [row!.with(6, 'Käse')]).text
      const nameIn = async (body: Buffer, type: string, options = {}) => {
        await load(written('csv', [row!.with(6, 'before')]).text, { force: 'true' })
        expect(await load(body, { force: 'true', ...options }, { 'content-type': type })).toMatchObject({
          rowsAccepted: 1,
        })
        const filters = [{ member: 'transaction_id', operator: 'equals', values: [row![0]] }]
        return (await customer.execute({ select: ['product_name'], filters })).data[0].product_name
      }
      const latin1 = Buffer.from(text, 'latin1')
      expect(await nameIn(latin1, 'text/csv; charset=windows-1252')).toBe('Käse')
      expect(await nameIn(latin1, 'text/csv;header=present;Charset="ISO-8859-1"')).toBe('Käse')
      expect(await nameIn(Buffer.from(text), 'text/csv; charset=utf-8')).toBe('Käse')
      // What the caller names says more, and so does the declaration of XML.
      expect(await nameIn(latin1, 'text/csv; charset=utf-8', { encoding: 'windows-1252' })).toBe('Käse')
      const xml = written('xml', [row!.with(6, 'Käse')]).text.replace('?>', ' encoding="ISO-8859-1"?>')
      expect(await nameIn(Buffer.from(xml, 'latin1'), 'text/xml; charset=utf-8')).toBe('Käse')
      expect(await load(latin1, {}, { 'content-type': 'text/csv; charset=Shift_JIS' })).toMatchObject({
        status: 415,
        detail: expect.stringContaining('Shift_JIS'),
      })
    })

    it.each([
      ['csv', 'json'],
      ['json', 'csv'],
      ['xml', 'csv'],
      ['parquet', 'csv'],
      ['csv', 'xml'],
      ['json', 'ndjson'],
    ] as ['csv' | 'json' | 'xml' | 'parquet', TextFormat][])(
      'a format that the content contradicts: %s for %s',
      async (format, content) => {
        const job = await tell(written(content, [row!, row!]).text, { format })
        expect(job).toMatchObject({
          status: 'failed',
          rowsRead: 0,
          error: expect.stringMatching(/seems to be|not JSON|NDJSON|not a Parquet/),
        })
      },
    )
  })

  describe('hostile files', () => {
    const good = generatedRows(3, 3)
    const csv = written('csv', good).text
    const columns = TRANSACTION_COLUMNS.join(',')
    const line = csv.split('\n')[1]!
    const xmlHead = '<?xml version="1.0"?>'
    const wide = Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(',')

    /** 200 MB from a few bytes, gzipped so that sending them takes no time. */
    const huge = (head: string, tail: string): Buffer =>
      gzipSync(Buffer.concat([Buffer.from(head), Buffer.alloc(200_000_000, 'x'), Buffer.from(tail)]), { level: 1 })

    const files: [
      name: string,
      bytes: () => Buffer,
      options: Record<string, string>,
      expected: Record<string, unknown>,
    ][] = [
      [
        'a gzip bomb',
        () => gzipSync(Buffer.alloc(MAX_DECOMPRESSED_BYTES + 1_000_000), { level: 1 }),
        { format: 'csv' },
        { status: 'failed', error: expect.stringMatching(/NUL byte|decompresses to more/) },
      ],
      [
        'a gzip bomb of good rows',
        () =>
          gzipSync(Buffer.concat([Buffer.from(csv), Buffer.alloc(MAX_DECOMPRESSED_BYTES, `${line}\n`)]), { level: 1 }),
        {},
        { status: 'failed', error: expect.stringMatching(/decompresses to more/) },
      ],
      [
        'truncated gzip',
        () => gzipSync(csv).subarray(0, -20),
        {},
        { status: 'failed', error: expect.stringMatching(/gzip data is broken or ends too early/) },
      ],
      [
        'truncated zstd',
        () => zstdStored(Buffer.from(csv)).subarray(0, -20),
        {},
        { status: 'failed', error: expect.stringMatching(/zstd data ends too early/) },
      ],
      [
        'truncated JSON',
        () => Buffer.from(written('json', good).text.slice(0, -60)),
        {},
        { status: 'failed', error: expect.stringMatching(/ends inside record 3 \(line 4\)/) },
      ],
      [
        'Parquet of nothing',
        () => Buffer.from('PAR1PAR1'),
        {},
        { status: 'failed', error: expect.stringMatching(/Parquet/) },
      ],
      [
        'billion laughs',
        () =>
          Buffer.from(
            `${xmlHead}<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a><r><TransactionId>&c;</TransactionId></r></a>`,
          ),
        {},
        { status: 'failed', error: expect.stringMatching(/DOCTYPE/) },
      ],
      [
        'an external entity',
        () => Buffer.from(`${xmlHead}<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><r/></a>`),
        {},
        { status: 'failed', error: expect.stringMatching(/DOCTYPE/) },
      ],
      ['a line of 200 MB in CSV', () => huge(`${csv}`, `\n${line}\n`), {}, { rowsRead: 5, rowsRejected: 1 }],
      [
        'a line of 200 MB in NDJSON',
        () => huge(`${written('ndjson', good).text}{"a":"`, `"}\n`),
        {},
        { rowsRead: 4, rowsRejected: 1 },
      ],
      [
        'a record of 200 MB in JSON',
        () => huge(`${written('json', good).text.replace('\n]}\n', '')},\n{"a":"`, '"}]}'),
        {},
        { rowsRead: 4, rowsRejected: 1 },
      ],
      ['a JSON string of 200 MB that never ends', () => huge('[{"a":"', ''), {}, { status: 'failed' }],
      ['NUL bytes', () => Buffer.alloc(100_000), {}, { status: 'failed', error: expect.stringMatching(/NUL byte/) }],
      [
        'NUL bytes in values',
        () => Buffer.from(`${csv}${line.replace('TX', '\0TX')}\n\0\n`),
        {},
        { rowsRead: 5, rowsRejected: 1 },
      ],
      [
        '10,000 columns',
        () => Buffer.from(`${wide}\n${wide}\n`),
        {},
        { status: 'failed', error: expect.stringMatching(/10000 columns; at most 2000/) },
      ],
      [
        '10,000 keys',
        () => Buffer.from(`{${wide.replaceAll(/c\d+/g, '"$&":1')}}\n`),
        {},
        { status: 'failed', error: expect.stringMatching(/different fields; at most 2000/) },
      ],
      ['zero bytes', () => Buffer.alloc(0), {}, { status: 'failed', error: expect.stringMatching(/empty/) }],
      [
        'zero bytes of NDJSON',
        () => Buffer.from(' \n'),
        { format: 'ndjson' },
        { status: 'failed', error: expect.stringMatching(/empty/) },
      ],
      [
        'a header only',
        () => Buffer.from(`${columns}\n`),
        {},
        { status: 'failed', error: expect.stringMatching(/no rows/) },
      ],
      [
        'empty lines before the header of CSV',
        () => Buffer.from('\n'.repeat(1_200_000) + csv),
        {},
        { status: 'succeeded', rowsAccepted: 3 },
      ],
      [
        'empty lines before NDJSON',
        () => Buffer.from('\n'.repeat(1_200_000) + written('ndjson', good).text),
        {},
        { status: 'succeeded', format: 'ndjson', rowsAccepted: 3 },
      ],
      [
        'a first record of NDJSON that is too long',
        () => Buffer.from(`{"TransactionId":"1","Note":"${'x'.repeat(1_100_000)}"}\n${written('ndjson', good).text}`),
        {},
        { status: 'succeeded', rowsAccepted: 3, rowsRejected: 1 },
      ],
      [
        'XML with a character across its first MiB',
        () => {
          const [start, end] = written('xml', good).text.split(/(?=<\/[^>]*>\s*$)/) as [string, string]
          const room = 1024 * 1024 - 1 - Buffer.byteLength(`${start}<!--`)
          return Buffer.from(`${start}<!--${'x'.repeat(room)}€-->${end}`)
        },
        {},
        { status: 'succeeded', rowsAccepted: 3 },
      ],
      [
        'XML with two lists',
        () => {
          const list = written('xml', good).text.replace(/^<\?.*\?>/, '')
          return Buffer.from(`${xmlHead}<all>${list}${list.replaceAll('sales>', 'returns>')}</all>`)
        },
        { format: 'xml' },
        { status: 'failed', error: expect.stringMatching(/^Line \d+: .* only records in/) },
      ],
      ['an empty array', () => Buffer.from('[]'), {}, { status: 'failed', error: expect.stringMatching(/no records/) }],
      [
        'UTF-16 cut in a character',
        () => Buffer.from(`\ufeff${csv}`, 'utf16le').subarray(0, -1),
        {},
        { status: 'failed', error: expect.stringMatching(/UTF-16/) },
      ],
      [
        'Latin-1 taken for UTF-8',
        () => Buffer.from(`${csv}${line.replace(/TX-\d+/, 'T\xe9')}\n`, 'latin1'),
        {},
        { rowsRead: 4, rowsRejected: 1 },
      ],
      ['JSON nested 100,000 deep', () => Buffer.from(`[${'['.repeat(100_000)}`), {}, { status: 'failed' }],
      [
        'a value nested 100,000 deep',
        () => Buffer.from(`${written('ndjson', good).text}{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`),
        {},
        { rowsRead: 4, rowsRejected: 1 },
      ],
    ]

    it.each(files)('ends clearly, in little memory: %s', async (_name, bytes, options, expected) => {
      const idle = residentBytes()
      let peak = idle
      const timer = setInterval(() => (peak = Math.max(peak, residentBytes())), 20)
      const job = await load(bytes(), options)
      clearInterval(timer)
      expect(job).toMatchObject(expected)
      expect(job.rowsAccepted + job.rowsRejected).toBe(job.rowsRead)
      if (job.status === 'failed') expect(job.error).not.toMatch(/our side|undefined|\[object/)
      expect(peak - idle).toBeLessThan(MAX_MEMORY_ABOVE_IDLE)
    })

    const residentBytes = (): number =>
      1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))![1])

    it('fails a truncated Parquet file', async () => {
      const answer = await customer.query({ select: MEMBERS, limit: 100 }, { accept: 'application/vnd.apache.parquet' })
      const whole = Buffer.from(await answer.arrayBuffer())
      for (const cut of [whole.length - 1, whole.length >> 1, 8]) {
        expect(await load(whole.subarray(0, cut))).toMatchObject({
          status: 'failed',
          error: expect.stringMatching(/Parquet file/),
        })
      }
    })
  })
})
