import { createClient, ClickHouseClient, ClickHouseError, ClickHouseSettings } from '@clickhouse/client'
import { execFileSync, spawn, spawnSync, ChildProcess } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { getPriority, networkInterfaces, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Logger } from '@nestjs/common'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import type * as ClickHouse from '../../src/infrastructure/embedded/clickhouse/clickhouse-server.js'
import type * as Embedded from '../../src/infrastructure/embedded/embedded-engines.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { descendantsOf, stopDescendantsOf } from '../support/processes.js'
import type * as Binaries from '../../src/infrastructure/embedded/postgres/postgres-binaries.js'

// These tests drive the compiled program, because the engines' child process is a program of its own.
const dist = resolve(process.env.COUNTINGHOUSE_DIST ?? 'dist')
const compiled = async <T>(path: string) => (await import(pathToFileURL(join(dist, path)).href)) as T
const ENGINES_PROGRAM = join(dist, 'tools/engines.js')
const isLinux = process.platform === 'linux'
const isRoot = process.getuid?.() === 0

const folders: string[] = []
const children: ChildProcess[] = []

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-test-'))
  folders.push(folder)
  return folder
}

beforeAll(() => Logger.overrideLogger(process.env.TEST_LOGS ? ['error', 'warn', 'log', 'debug'] : false))

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 10 })))
})

/** Asks again until the answer is true; fails with the last answer after the time. */
async function eventually(timeoutMs: number, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(20)) {
    if (await isTrue()) return
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${String(isTrue)}`)
  }
}

interface ProcessInfo {
  pid: number
  command: string
}

/** Living processes with the text in their command line, environment or current folder; Linux only. */
function processesNaming(text: string): ProcessInfo[] {
  const orNothing = (read: () => string) => {
    try {
      return read().replaceAll('\0', ' ')
    } catch {
      return ''
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({
      pid: Number(name),
      command: orNothing(() => readFileSync(`/proc/${name}/cmdline`, 'utf8')),
      environment: orNothing(() => readFileSync(`/proc/${name}/environ`, 'utf8')),
      folder: orNothing(() => readlinkSync(`/proc/${name}/cwd`)),
    }))
    .filter(
      ({ command, environment, folder }) => command !== '' && [command, environment, folder].join().includes(text),
    )
}

async function postgresValue(url: string, sql: string): Promise<unknown> {
  const client = new PostgresClient({ connectionString: url })
  await client.connect()
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

async function rowsOf<T>(client: ClickHouseClient, query: string, params?: Record<string, unknown>): Promise<T[]> {
  const result = await client.query({ query, query_params: params, format: 'JSONEachRow' })
  return result.json<T>()
}

const clientOf = (url: string | undefined) => createClient({ url, max_open_connections: 20, log: { level: 127 } })

describe('embedded engines', () => {
  let engines: Embedded.EmbeddedEngines
  let client: ClickHouseClient
  let dataDir: string

  beforeAll(async () => {
    const { startEmbeddedEngines } = await compiled<typeof Embedded>('src/infrastructure/embedded/embedded-engines.js')
    dataDir = join(await temporaryFolder(), 'data')
    engines = await startEmbeddedEngines({ dataDir, postgres: true, clickhouse: true })
    client = clientOf(engines.clickhouseUrl)
    await client.command({ query: 'CREATE DATABASE shop ENGINE = Atomic' })
  })

  afterAll(async () => {
    await client.close()
    await engines.stop()
    if (isLinux) expect(processesNaming(dataDir)).toEqual([])
  })

  /** A plain HTTP request, for what the client hides. */
  async function request(path: string, body = '', headers: Record<string, string> = {}): Promise<Response> {
    const { username, password, origin } = new URL(engines.clickhouseUrl ?? '')
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    return fetch(origin + path, { method: 'POST', body, headers: { authorization, ...headers } })
  }

  const runningQueries = async (text: string) =>
    Number(
      (
        await rowsOf<{ n: string }>(
          client,
          `SELECT count() AS n FROM system.processes WHERE query LIKE '%${text}%'
      AND query NOT LIKE '%system.processes%'`,
        )
      )[0]?.n,
    )

  async function transactionsTable(): Promise<string> {
    const table = `shop.t${Math.random().toString(36).slice(2)}`
    await client.command({ query: `CREATE TABLE ${table} (id UInt64, name String) ENGINE = MergeTree ORDER BY id` })
    return table
  }

  describe('the ClickHouse HTTP interface', () => {
    it('answers a query only with the right password', async () => {
      const { origin } = new URL(engines.clickhouseUrl ?? '')
      expect((await client.ping({ select: true })).success).toBe(true)
      const withoutPassword = await fetch(`${origin}/?query=SELECT+1`)
      expect([withoutPassword.ok, withoutPassword.headers.get('x-clickhouse-exception-code')]).toEqual([false, '700'])
      const lifted = await fetch(`${origin}/?query=SELECT+1&max_sessions_for_user=0`)
      expect([lifted.ok, lifted.headers.get('x-clickhouse-exception-code')]).toEqual([false, '700'])
      const wrong = await fetch(`${origin}/?query=SELECT+1`, {
        headers: { 'x-clickhouse-user': 'countinghouse', 'x-clickhouse-key': 'guess' },
      })
      expect([wrong.status, wrong.headers.get('x-clickhouse-exception-code')]).toEqual([403, '516'])
    })

    it.each([
      ...['/ping', '/play', '/dashboard', '/binary', '/merges', '/jemalloc', '/js/uplot.js', '/js/lz-string.js'],
      ...[
        '/replicas_status',
        '/metrics',
        '/schema',
        '/webterminal',
        '/query',
        '/favicon.ico',
        '/x',
        '/%70lay',
        '//play',
      ],
    ])('serves nothing at %s, with and without the password', async (path) => {
      const { origin } = new URL(engines.clickhouseUrl ?? '')
      for (const query of ['', '?query=SELECT+1']) {
        expect((await fetch(origin + path + query)).status).toBe(404)
        expect((await request(path + query, 'SELECT 1')).status).toBe(404)
      }
    })

    it.each([
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      'SELECT * FROM default.`/etc/passwd`',
      "INSERT INTO FUNCTION file('/tmp/countinghouse-test', 'CSV', 'a UInt8') VALUES (1)",
      "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
      "SELECT * FROM remote('127.0.0.1', system.one)",
      "CREATE TABLE shop.f (a String) ENGINE = File(CSV, '/etc/passwd')",
      "CREATE TABLE shop.f (a String) ENGINE = URL('http://127.0.0.1:1/', CSV)",
      "CREATE DATABASE etc ENGINE = Filesystem('/etc')",
      "CREATE DICTIONARY shop.d (a UInt8) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
      "CREATE USER somebody IDENTIFIED BY 'x'",
      'GRANT READ ON FILE TO countinghouse',
      "BACKUP DATABASE shop TO File('/tmp/countinghouse-test')",
      'SYSTEM SHUTDOWN',
      'SYSTEM STOP LISTEN HTTP',
    ])('denies its user %s', async (query) => {
      const response = await request('/', query)
      expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([500, '497'])
    })

    it('listens on the loopback address only', async () => {
      const { port } = new URL(engines.clickhouseUrl ?? '')
      const others = Object.values(networkInterfaces()).flatMap((all) =>
        (all ?? []).filter(({ internal }) => !internal),
      )
      for (const { address, family } of others.filter(({ address }) => !address.startsWith('fe80'))) {
        const host = family === 'IPv6' ? `[${address}]` : address
        await expect(fetch(`http://${host}:${port}/ping`, { signal: AbortSignal.timeout(2_000) })).rejects.toThrow()
      }
    })

    const NASTY = [
      ...[
        '',
        "it's",
        '"quoted"',
        'back\\slash',
        'ends with \\',
        '\\N',
        'tab\tand\nnewline\r\n',
        '{x:String}',
        '-- c',
        '/* c',
      ],
      ...["'; DROP TABLE t; --", '🦄 ünïcödé 漢字', '%00 %27', '\\t not a tab', 'a&b=c+d', '\u0001\u001f'],
    ]

    it.each([false, true])('binds parameters of any content (multipart: %s)', async (multipart) => {
      const result = await client.query({
        query: `SELECT {list:Array(String)} AS list, {day:Date} AS day, {at:DateTime64(3, 'UTC')} AS at, {n:UInt64} AS n,
          {m:Map(String, UInt8)} AS m, {nothing:Nullable(String)} AS nothing, {money:Decimal(18, 4)} AS money`,
        query_params: {
          ...{ list: NASTY, day: '2024-02-29', at: new Date('2024-02-29T12:34:56.789Z'), n: '18446744073709551615' },
          ...{ m: { "k'ey": 1 }, nothing: null, money: '1234.5678' },
        },
        format: 'JSONEachRow',
        use_multipart_params: multipart,
        clickhouse_settings: { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 },
      })
      expect(await result.json()).toEqual([
        {
          ...{ list: NASTY, day: '2024-02-29', at: '2024-02-29 12:34:56.789', n: '18446744073709551615' },
          ...{ m: { "k'ey": 1 }, nothing: null, money: '1234.5678' },
        },
      ])
      for (const text of NASTY) {
        const query = client.query({
          query: 'SELECT {text:String} AS text',
          query_params: { text },
          format: 'JSONEachRow',
          use_multipart_params: multipart,
        })
        expect(await (await query).json()).toEqual([{ text }])
      }
    })

    it('carries megabytes of parameters', async () => {
      const ids = Array.from({ length: 200_000 }, (_, at) => at)
      const query = 'SELECT length({ids:Array(UInt32)}) AS n'
      const result = await client.query({
        query,
        query_params: { ids },
        format: 'JSONEachRow',
        use_multipart_params_auto: true,
      })
      expect(await result.json()).toEqual([{ n: '200000' }].map(({ n }) => ({ n: Number(n) })))
    })

    it('keeps settings, databases and parameters of parallel requests apart', async () => {
      const other = createClient({ url: engines.clickhouseUrl, database: 'shop' })
      onTestFinished(() => other.close())
      const execute = async (who: ClickHouseClient, comment: string) =>
        (
          await who.query({
            query: `SELECT getSetting('log_comment') AS comment, currentDatabase() AS db, {p:String} AS p, sleep(0.01)`,
            query_params: { p: comment },
            clickhouse_settings: comment === '' ? {} : { log_comment: comment },
            format: 'JSONEachRow',
          })
        ).json<{ comment: string; db: string; p: string }>()
      await Promise.all(
        Array.from({ length: 60 }, async (_, at) => {
          const comment = at % 3 === 0 ? '' : `request '${at}'`
          const [row] = await execute(at % 2 === 0 ? client : other, comment)
          expect(row).toMatchObject({ comment, p: comment, db: at % 2 === 0 ? 'default' : 'shop' })
        }),
      )
      await expect(rowsOf(client, 'SELECT {p:String}')).rejects.toMatchObject({ code: '456' })
    })

    it('tells what a query read and returned', async () => {
      const table = await transactionsTable()
      await client.command({ query: `INSERT INTO ${table} SELECT number, toString(number) FROM numbers(1000)` })
      const result = await client.query({
        query: `SELECT * FROM ${table} WHERE id >= 990`,
        format: 'JSONEachRow',
        clickhouse_settings: { wait_end_of_query: 1 },
        query_id: 'the-query-1',
      })
      await result.text()
      expect(result.response_headers).toMatchObject({
        'x-clickhouse-query-id': 'the-query-1',
        'x-clickhouse-format': 'JSONEachRow',
        'content-type': 'application/x-ndjson; charset=UTF-8',
      })
      const summary = JSON.parse(String(result.response_headers['x-clickhouse-summary'])) as Record<string, string>
      expect(summary).toMatchObject({ result_rows: '10', read_rows: '1000' })
      expect(Number(summary.elapsed_ns)).toBeGreaterThan(0)
    })

    it('streams a large result in flat memory, at the pace of its reader', async () => {
      const engine = isLinux ? processesNaming(join(dataDir, 'clickhouse'))[0]?.pid : undefined
      const residentMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${engine}/status`, 'utf8'))?.[1]) / 1024
      const before = engine === undefined ? 0 : residentMb()
      const { stream } = await client.exec({
        query: 'SELECT number, randomPrintableASCII(100) FROM numbers(4000000) FORMAT CSV',
      })
      let bytes = 0
      let lines = 0
      let most = 0
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
        if (engine !== undefined && lines % 50 === 0) most = Math.max(most, residentMb())
      }
      expect(lines).toBe(4_000_000)
      expect(bytes).toBeGreaterThan(400_000_000)
      expect(most - before).toBeLessThan(250)
    })

    it.each(['JSON', 'JSONCompact', 'CSVWithNames', 'Parquet', 'ArrowStream', 'XML', 'JSONEachRow', 'Native'])(
      'streams %s as one document, the same as the whole one',
      async (format) => {
        const query = `SELECT number AS n, toString(number) AS s FROM numbers(200000) FORMAT ${format}
          SETTINGS max_block_size = 10000, max_threads = 1, output_format_write_statistics = 0`
        const streamed = await buffer((await client.exec({ query })).stream)
        const whole = await buffer((await client.exec({ query, clickhouse_settings: { wait_end_of_query: 1 } })).stream)
        expect(streamed.length).toBeGreaterThan(100_000)
        expect(streamed.equals(whole)).toBe(true)
      },
    )

    it('fails a stream that breaks in the middle, whatever the client reads', async () => {
      const query =
        "SELECT throwIf(number = 900000, 'halfway') AS t, randomPrintableASCII(20) AS s FROM numbers(2000000)"
      const rows = await client.query({ query, format: 'JSONEachRow' })
      const readRows = async () => {
        for await (const _ of rows.stream()) void _
      }
      await expect(readRows()).rejects.toThrow(/halfway/)
      const { stream } = await client.exec({ query: `${query} FORMAT CSV` })
      await expect(buffer(stream)).rejects.toThrow()
      const gzipped = await request(`/?enable_http_compression=1`, `${query} FORMAT CSV`, { 'accept-encoding': 'gzip' })
      await expect(gzipped.arrayBuffer()).rejects.toThrow()
    })

    const INSERTS: [format: string, rows: string][] = [
      ['CSV', '1,"a ""b"";\n;c"\n2,é\n'],
      ['CSVWithNames', 'id,name\n1,"a ""b"";\n;c"\n2,é\n'],
      ['TSV', '1\ta "b";\\n;c\n2\té\n'],
      ['TabSeparatedWithNames', 'id\tname\n1\ta "b";\\n;c\n2\té\n'],
      ['JSONEachRow', '{"id":1,"name":"a \\"b\\";\\n;c"}\n{"id":2,"name":"é"}\n'],
      ['JSONCompactEachRow', '[1,"a \\"b\\";\\n;c"]\n[2,"é"]\n'],
      ['Values', "(1,'a \"b\";\\n;c'),(2,'é')"],
    ]

    it.each(INSERTS)('inserts %s from a body, from the statement and gzipped', async (format, rows) => {
      const table = await transactionsTable()
      const query = `INSERT INTO ${table} (id, name) SETTINGS max_threads = 1 FORMAT ${format}`
      const url = `/?query=${encodeURIComponent(query)}&log_comment=x`
      const responses = [
        await request(url, rows),
        await request('/', `${query}\n${rows}`),
        await request(url, gzipSync(rows) as unknown as string, { 'content-encoding': 'gzip' }),
      ]
      for (const response of responses) {
        expect([response.status, await response.text()]).toEqual([200, ''])
        const summary = JSON.parse(response.headers.get('x-clickhouse-summary') ?? '') as Record<string, string>
        expect(summary.written_rows).toBe('2')
      }
      expect(await rowsOf(client, `SELECT id, name, count() AS n FROM ${table} GROUP BY ALL ORDER BY id`)).toEqual(
        [
          { id: 1, name: 'a "b";\n;c', n: 3 },
          { id: 2, name: 'é', n: 3 },
        ].map(({ id, name, n }) => ({ id, name, n })),
      )
    })

    it.each(['Parquet', 'RowBinary', 'Native', 'ArrowStream', 'JSON'])(
      'takes %s back as it gave it',
      async (format) => {
        const table = await transactionsTable()
        const query = `SELECT number AS id, concat('row;\\n', toString(number)) AS name FROM numbers(1000) FORMAT ${format}`
        const rows = await buffer((await client.exec({ query })).stream)
        await client.exec({
          query: `INSERT INTO ${table} FORMAT ${format}`,
          values: Readable.from([rows], { objectMode: false }),
        })
        expect(await rowsOf(client, `SELECT count() AS n, sum(id) AS s, max(name) AS m FROM ${table}`)).toEqual([
          { n: 1000, s: 499500, m: 'row;\n999' },
        ])
      },
    )

    it('numbers rows in the order of the file and gives defaults the settings of the request', async () => {
      const table = `shop.numbered`
      await client.command({
        query: `CREATE TABLE ${table} (id UInt64, row UInt64 DEFAULT rowNumberInAllBlocks(),
          job UInt64 DEFAULT toUInt64OrZero(getSetting('log_comment'))) ENGINE = MergeTree ORDER BY id`,
      })
      const rows = Array.from({ length: 300_000 }, (_, id) => `${id}\n`).join('')
      const insert = (job: number) =>
        client.insert({
          ...{
            table,
            columns: ['id'] as [string],
            format: 'CSV',
            values: Readable.from([rows], { objectMode: false }),
          },
          clickhouse_settings: { log_comment: String(job), min_chunk_bytes_for_parallel_parsing: '100000' },
        })
      await Promise.all([1, 2, 3].map(insert))
      expect(
        await rowsOf(
          client,
          `SELECT job, countIf(id = row) AS n, count() AS m FROM ${table} GROUP BY job ORDER BY job`,
        ),
      ).toEqual([1, 2, 3].map((job) => ({ job, n: 300_000, m: 300_000 })))
    })

    it('inserts nothing from an empty body', async () => {
      const table = await transactionsTable()
      const response = await request(`/?query=${encodeURIComponent(`INSERT INTO ${table} FORMAT CSV`)}`)
      expect([response.status, await response.text()]).toEqual([200, ''])
      expect(await rowsOf(client, `SELECT count() AS n FROM ${table}`)).toEqual([{ n: 0 }])
    })

    it.each(INSERTS)('takes SQL in the rows of %s for data', async (format, rows) => {
      const table = await transactionsTable()
      const url = `/?query=${encodeURIComponent(`INSERT INTO ${table} FORMAT ${format}`)}`
      for (const tail of [`; DROP TABLE ${table}`, `\nDROP TABLE ${table}\n`, `\n\n;\nDROP TABLE ${table};\n`]) {
        await request(url, rows + tail)
        await request('/', `INSERT INTO ${table} FORMAT ${format}\n${rows}${tail}`)
      }
      expect((await rowsOf<{ n: number }>(client, `SELECT count() AS n FROM ${table}`)).length).toBe(1)
    })

    it('names the row and column of a bad value and inserts none of the rows', async () => {
      const table = await transactionsTable()
      const insert = client.insert({
        table,
        values: Readable.from(['1,a\n', '2,b\n', 'x,c\n'], { objectMode: false }),
        format: 'CSV',
      })
      const error = await insert.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ClickHouseError)
      expect((error as ClickHouseError).code).toBe('27')
      expect((error as ClickHouseError).message).toMatch(/at row 3/)
      expect((error as ClickHouseError).message).toMatch(/Column 0, +name: id/)
      expect(await rowsOf(client, `SELECT count() AS n FROM ${table}`)).toEqual([{ n: 0 }])
    })

    it('inserts nothing of an upload that breaks off', async () => {
      const table = await transactionsTable()
      const endless = Readable.from(
        (async function* () {
          for (let id = 0; ; id++) {
            yield `${id},x\n`.repeat(1000)
            if (id === 100) await sleep(60_000, undefined, { ref: false })
          }
        })(),
        { objectMode: false },
      )
      const cut = new AbortController()
      const insert = client.insert({ table, values: endless, format: 'CSV', abort_signal: cut.signal })
      setTimeout(() => cut.abort(), 300)
      await expect(insert).rejects.toThrow()
      await sleep(300)
      expect(await rowsOf(client, `SELECT count() AS n FROM ${table}`)).toEqual([{ n: 0 }])
    })

    it.each([
      ['SELEC 1', 400, 62],
      ['SELECT * FROM shop.missing', 404, 60],
      ['SELECT missing FROM numbers(1)', 404, 47],
      ['SELECT 1 FROM missing.t', 404, 81],
      ['SELECT 1 SETTINGS no_such_setting = 1', 404, 115],
      ['SELECT 1 FORMAT NoSuchFormat', 404, 73],
      ['SELECT noSuchFunction(1)', 404, 46],
      ["SELECT toUInt8('x')", 400, 6],
      ['SELECT throwIf(1)', 500, 395],
      ['SELECT {p:String}', 500, 456],
      ["SELECT 1 INTO OUTFILE '/tmp/x'", 500, 358],
      ['SELECT count() FROM numbers(100000000000) SETTINGS max_execution_time = 0.2', 408, 159],
      ['SELECT 1; SELECT 2', 400, 62],
      ['', 400, 62],
    ])('answers %s with status %i and code %i', async (sql, status, code) => {
      const response = await request('/?wait_end_of_query=1', sql)
      const text = await response.text()
      expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([status, String(code)])
      expect(text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\).*\\n$`, 's'))
      expect((await request('/', sql)).status).toBe(status)
    })

    it('refuses a wrong setting, value or database of the URL', async () => {
      const codeOf = async (path: string) => {
        const response = await request(path, 'SELECT 1')
        return [response.status, response.headers.get('x-clickhouse-exception-code')]
      }
      expect(await codeOf('/?no_such_setting=1')).toEqual([404, '115'])
      expect(await codeOf('/?max_threads=many')).toEqual([400, '27'])
      expect(await codeOf('/?database=missing')).toEqual([404, '81'])
    })

    it('refuses changes by GET, as a server does', async () => {
      const { origin, username, password } = new URL(engines.clickhouseUrl ?? '')
      const url = `${origin}/?user=${username}&password=${password}&query=`
      expect(await (await fetch(`${url}SELECT+1`)).text()).toBe('1\n')
      expect(
        (await fetch(`${url}CREATE+TABLE+shop.g+(a+Int8)+ENGINE=Memory`)).headers.get('x-clickhouse-exception-code'),
      ).toBe('164')
    })

    it('honours readonly against writes', async () => {
      const table = await transactionsTable()
      const readonly = { clickhouse_settings: { readonly: '1' as const } }
      for (const query of [`INSERT INTO ${table} VALUES (1, 'a')`, `DROP TABLE ${table}`]) {
        await expect(client.command({ query, ...readonly })).rejects.toMatchObject({ code: '164' })
        await expect(
          client.command({ query, clickhouse_settings: { readonly: '1', wait_end_of_query: 1 } }),
        ).rejects.toThrow()
      }
      expect(await (await client.query({ query: 'SELECT 1', format: 'TabSeparated', ...readonly })).text()).toBe('1\n')
    })

    it('compresses answers when asked, and only then', async () => {
      const sql = 'SELECT number FROM numbers(100000) FORMAT CSV'
      const plain = await (await request('/', sql)).text()
      const zipping = createClient({ url: engines.clickhouseUrl, compression: { response: true, request: true } })
      onTestFinished(() => zipping.close())
      const { stream, response_headers } = await zipping.exec({ query: sql, decompress_response_stream: false })
      expect(response_headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(await buffer(stream)).toString()).toBe(plain)
      const small = await zipping.query({ query: 'SELECT 42 AS x', format: 'JSONEachRow' })
      expect(await small.json()).toEqual([{ x: 42 }])
      const table = await transactionsTable()
      await zipping.insert({ table, values: [{ id: 1, name: 'zipped' }], format: 'JSONEachRow' })
      expect(await rowsOf(client, `SELECT name FROM ${table}`)).toEqual([{ name: 'zipped' }])
    })

    it.each([
      ['a streamed SELECT that computes', 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', {}],
      ['a streamed SELECT that sends', 'SELECT number, sipHash64(number) FROM numbers(1000000000000)', {}],
      [
        'a buffered SELECT',
        'SELECT max(sipHash64(number)) FROM numbers(1000000000000)',
        { wait_end_of_query: 1 as const },
      ],
    ])('stops %s within a second when its client goes away', { retry: 3 }, async (_name, sql, settings) => {
      const mark = `mark${Math.random().toString(36).slice(2)}`
      const gone = new AbortController()
      const asked = client.exec({
        query: `/* ${mark} */ ${sql}`,
        abort_signal: gone.signal,
        clickhouse_settings: { readonly: '2', ...settings },
      })
      // An answer that has begun is left unread: the engine sends, or waits to send, until the client goes away.
      const failed = asked.then(
        ({ stream }) => once(stream, 'error'),
        () => undefined,
      )
      await eventually(60_000, async () => (await runningQueries(mark)) === 1)
      gone.abort()
      await failed
      await eventually(1_000, async () => (await runningQueries(mark)) === 0)
      expect(await rowsOf(client, 'SELECT 1 AS x')).toEqual([{ x: 1 }])
    })

    it('leaves nothing running when clients go away at any moment', { retry: 3 }, async () => {
      const mark = `mark${Math.random().toString(36).slice(2)}`
      const goAway = async (afterMs: number, settings: ClickHouseSettings) => {
        const gone = new AbortController()
        setTimeout(() => gone.abort(), afterMs)
        const query = `/* ${mark} */ SELECT number, sipHash64(number) FROM numbers(1000000000) FORMAT CSV`
        const { stream } = await client.exec({ query, abort_signal: gone.signal, clickhouse_settings: settings })
        for await (const _ of stream as AsyncIterable<Buffer>) void _
      }
      const all = Array.from({ length: 120 }, (_, at) =>
        goAway(at / 3, at % 2 === 0 ? { readonly: '2' } : { readonly: '2', wait_end_of_query: 1 }),
      )
      for (const { status } of await Promise.allSettled(all)) expect(status).toBe('rejected')
      await eventually(1_000, async () => (await runningQueries(mark)) === 0)
    })

    it('answers beside many slow queries, and drops them when their clients go away', { retry: 3 }, async () => {
      const mark = `mark${Math.random().toString(36).slice(2)}`
      const many = createClient({ url: engines.clickhouseUrl, max_open_connections: 60, log: { level: 127 } })
      onTestFinished(() => many.close())
      const gone = new AbortController()
      setMaxListeners(100, gone.signal)
      const clickhouse_settings = { readonly: '1', max_block_size: '1' } as const
      const query = `/* ${mark} */ SELECT sleepEachRow(0.01) FROM numbers(1000) FORMAT Null`
      const slow = Array.from({ length: 40 }, () =>
        many.command({ query, clickhouse_settings, abort_signal: gone.signal }).catch(() => undefined),
      )
      await eventually(60_000, async () => (await runningQueries(mark)) > 0)
      expect(await rowsOf(client, 'SELECT 1 AS x')).toEqual([{ x: 1 }])
      gone.abort()
      await Promise.all(slow)
      await eventually(1_500, async () => (await runningQueries(mark)) === 0)
    })

    it('runs DDL, partitions, OPTIMIZE, SYSTEM, EXPLAIN and SHOW', async () => {
      const table = await transactionsTable()
      const staging = await transactionsTable()
      await client.command({ query: `INSERT INTO ${staging} VALUES (1, 'a'), (2, 'b');` })
      await client.command({ query: `ALTER TABLE ${table} ATTACH PARTITION tuple() FROM ${staging}` })
      await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
      await client.command({ query: 'SYSTEM FLUSH LOGS' })
      expect(await rowsOf(client, `SELECT count() AS n FROM ${table}`)).toEqual([{ n: 2 }])
      const explained = await client.query({ query: `EXPLAIN SELECT 1`, format: 'TabSeparated' })
      expect(await explained.text()).toMatch(/ReadFrom/)
      const shown = await client.query({ query: 'SHOW TABLES FROM shop', format: 'JSONEachRow' })
      expect(await shown.json()).toContainEqual({ name: table.slice('shop.'.length) })
      await client.command({ query: `DROP TABLE ${table} SYNC` })
    })

    it('merges parts in the background', async () => {
      const table = await transactionsTable()
      for (let id = 0; id < 12; id++) await client.insert({ table, values: [{ id, name: 'x' }], format: 'JSONEachRow' })
      const parts = async () =>
        Number((await rowsOf<{ n: number }>(client, `SELECT uniqExact(_part) AS n FROM ${table}`))[0]?.n)
      await eventually(60_000, async () => (await parts()) < 12)
    })

    it('removes rows whose time is over', async () => {
      const table = await transactionsTable()
      await client.command({
        query: `CREATE TABLE ${table}_ttl (id UInt64, at DateTime) ENGINE = MergeTree ORDER BY id TTL at + INTERVAL 30 DAY
                SETTINGS merge_with_ttl_timeout = 0`,
      })
      await client.command({ query: `INSERT INTO ${table}_ttl VALUES (1, now()), (2, '2020-01-01 00:00:00')` })
      await client.command({ query: `INSERT INTO ${table}_ttl VALUES (3, now())` })
      const ids = () => rowsOf<{ id: number }>(client, `SELECT id FROM ${table}_ttl ORDER BY id`)
      await eventually(60_000, async () => (await ids()).map(({ id }) => id).join() === '1,3')
    })

    it('gives the room of a dropped table back at once', async () => {
      const table = await transactionsTable()
      await client.command({ query: `INSERT INTO ${table} SELECT number, 'x' FROM numbers(10)` })
      const paths = await rowsOf<{ path: string }>(
        client,
        `SELECT data_paths[1] AS path FROM system.tables WHERE database || '.' || name = '${table}'`,
      )
      const path = paths[0]?.path ?? ''
      expect((await readdir(path)).length).toBeGreaterThan(0)
      await client.command({ query: `DROP TABLE ${table}` })
      await eventually(60_000, () => !existsSync(path))
    })

    it('stops a query that needs more memory than it may have, and goes on', async () => {
      const query = 'SELECT length(groupArray(toString(number))) FROM numbers(10000000)'
      const asked = client.command({ query, clickhouse_settings: { max_memory_usage: '50000000' } })
      await expect(asked).rejects.toMatchObject({ code: '241' })
      const limits = await rowsOf<{ value: string }>(
        client,
        "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'",
      )
      expect(Number(limits[0]?.value)).toBeGreaterThan(0)
      expect(Number(limits[0]?.value)).toBeLessThanOrEqual(totalmem() * 0.6)
    })

    it('answers many clients at once', async () => {
      const answers = await Promise.all(
        Array.from(
          { length: 500 },
          async (_, at) => (await rowsOf<{ x: number }>(client, 'SELECT {x:UInt32} AS x', { x: at }))[0]?.x,
        ),
      )
      expect(answers).toEqual(Array.from({ length: 500 }, (_, at) => at))
    })
  })

  describe('PostgreSQL', () => {
    it('keeps what was committed, in UTF-8, over a socket that nobody else reaches', async () => {
      const url = engines.postgresUrl ?? ''
      expect(await postgresValue(url, "SELECT current_setting('fsync') || current_setting('synchronous_commit')")).toBe(
        'onon',
      )
      expect(await postgresValue(url, "SELECT upper('äöü')")).toBe('ÄÖÜ')
      expect(await postgresValue(url, "SELECT current_setting('listen_addresses')")).toBe('')
      const socketFolder = new URL(url.replace('@/', '@host/')).searchParams.get('host') ?? ''
      expect((await lstat(socketFolder)).mode & 0o077).toBe(0)
    })
  })

  it.runIf(isLinux)('leaves processors to shorter work of other processes', async () => {
    await rowsOf(client, 'SELECT sum(number) FROM numbers_mt(10000000)')
    const [engine] = processesNaming(join(dataDir, 'clickhouse'))
    const tasks = `/proc/${engine!.pid}/task`
    const nameOf = (thread: string): string => readFileSync(join(tasks, thread, 'comm'), 'utf8').trim()
    const threads = readdirSync(tasks).filter((thread) =>
      /^(HTTPHandler|MergeMutate|QueryPipelineEx)/.test(nameOf(thread)),
    )
    expect(threads.length).toBeGreaterThan(1)
    expect(new Set(threads.map((thread) => getPriority(Number(thread))))).toEqual(new Set([getPriority() + 5]))
  })

  describe.runIf(isLinux)('after a crash', () => {
    it('starts a killed ClickHouse again, at the same address and with its data', async () => {
      const table = await transactionsTable()
      await client.insert({ table, values: [{ id: 7, name: 'kept' }], format: 'JSONEachRow' })
      const [engine] = processesNaming(join(dataDir, 'clickhouse'))
      process.kill(engine?.pid ?? 0, 'SIGKILL')
      await eventually(60_000, async () => (await client.ping({ select: true })).success)
      expect(await rowsOf(client, `SELECT name FROM ${table}`)).toEqual([{ name: 'kept' }])
    })

    it('leaves ending to its parent', async () => {
      const [engine] = processesNaming(join(dataDir, 'clickhouse'))
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(engine?.pid ?? 0, signal)
      await sleep(300)
      expect(await rowsOf(client, 'SELECT 1 AS x')).toEqual([{ x: 1 }])
      expect(processesNaming(join(dataDir, 'clickhouse'))[0]?.pid).toBe(engine?.pid)
    })

    it('starts a killed PostgreSQL again, at the same address and with its data', async () => {
      const url = engines.postgresUrl ?? ''
      await postgresValue(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
      const pid = Number.parseInt(readFileSync(join(dataDir, 'postgres/18/data/postmaster.pid'), 'utf8'), 10)
      process.kill(pid, 'SIGKILL')
      await eventually(60_000, async () => (await postgresValue(url, 'SELECT answer FROM kept').catch(() => 0)) === 42)
    })
  })
})

describe.runIf(isLinux)('a ClickHouse that is killed', () => {
  it('loses no insert that it acknowledged, whenever that happens', async () => {
    const { startClickHouse } = await compiled<typeof ClickHouse>(
      'src/infrastructure/embedded/clickhouse/clickhouse-server.js',
    )
    const seed = Number(process.env.SEED ?? Date.now() % 1e9)
    console.log(`kill -9 moments: SEED=${seed}`)
    const random = new SeededRandom(seed)
    const folder = join(await temporaryFolder(), 'clickhouse')
    const acknowledged: number[] = []
    // On a busy machine few are acknowledged between two kills.
    for (let next = 0, kill = 0; kill < 20 || acknowledged.length <= 20; kill++) {
      const server = await startClickHouse(folder)
      const client = clientOf(server.url)
      await client.command({ query: 'CREATE TABLE IF NOT EXISTS kept (id UInt64) ENGINE = MergeTree ORDER BY id' })
      const [engine] = processesNaming(folder)
      const killed = sleep(random.integer(0, 250)).then(() => process.kill(engine?.pid ?? 0, 'SIGKILL'))
      for (let alive = true; alive; next++) {
        const insert = client.insert({ table: 'kept', values: [{ id: next }], format: 'JSONEachRow' })
        alive = await insert.then(
          () => acknowledged.push(next) > 0,
          () => false,
        )
      }
      await killed
      await client.close()
      await server.stop()
    }
    const server = await startClickHouse(folder)
    const client = clientOf(server.url)
    const kept = new Set((await rowsOf<{ id: number }>(client, 'SELECT DISTINCT id FROM kept')).map(({ id }) => id))
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    await client.close()
    await server.stop()
  })
})

/** '' where PostgreSQL has ended one of its processes meanwhile. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

interface EnginesProcess {
  process: ChildProcess
  postgresUrl: string
  clickhouseUrl: string
}

/** Starts `npm run engines` on a folder, as the user and in the environment that the wrapper makes. */
async function startEnginesProcess(dataDir: string, wrapper: string[] = []): Promise<EnginesProcess> {
  const [program = '', ...args] = [...wrapper, process.execPath, ENGINES_PROGRAM]
  const child = spawn(program, args, { env: { ...process.env, DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let errors = ''
  child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
  let output = ''
  for await (const data of child.stdout as AsyncIterable<Buffer>) {
    output += data.toString()
    const urls = /^POSTGRES_URL=(.+)\nCLICKHOUSE_URL=(.+)\n$/.exec(output)
    if (urls !== null) return { process: child, postgresUrl: urls[1] ?? '', clickhouseUrl: urls[2] ?? '' }
  }
  throw new Error(`No engines: ${output} ${errors}`)
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.signalCode ?? child.exitCode
}

describe('npm run engines', () => {
  it('prints the two URLs, serves, stops on SIGTERM with 0, and finds its data at the next start', async () => {
    const dataDir = join(await temporaryFolder(), 'da ta ö', 'deep'.repeat(30))
    const first = await startEnginesProcess(dataDir)
    await postgresValue(first.postgresUrl, 'CREATE TABLE kept AS SELECT 1 AS a')
    const client = clientOf(first.clickhouseUrl)
    await client.command({ query: 'CREATE DATABASE shop ENGINE = Atomic' })
    await client.command({ query: 'CREATE TABLE shop.kept ENGINE = MergeTree ORDER BY a AS SELECT 2 AS a' })
    await client.close()
    first.process.kill('SIGTERM')
    expect(await endOf(first.process)).toBe(0)
    if (isLinux) expect(processesNaming(dataDir)).toEqual([])

    const second = await startEnginesProcess(dataDir)
    expect(await postgresValue(second.postgresUrl, 'SELECT a FROM kept')).toBe(1)
    const again = clientOf(second.clickhouseUrl)
    expect(await rowsOf(again, 'SELECT a FROM shop.kept')).toEqual([{ a: 2 }])
    await again.close()
    second.process.kill('SIGINT')
    expect(await endOf(second.process)).toBe(0)
  })

  it.runIf(isLinux)('gives its engines nothing of its environment but what they need', async () => {
    const dataDir = join(await temporaryFolder(), 'data')
    const secrets = {
      ENCRYPTION_KEY: 'secret-1',
      ADMIN_API_KEY: 'secret-2',
      REDIS_URL: 'secret-3',
      NODE_EXTRA_CA_CERTS: '',
    }
    const engines = await startEnginesProcess(dataDir, [
      'env',
      ...Object.entries(secrets).map((each) => each.join('=')),
    ])
    // A backend of PostgreSQL as well.
    const client = new PostgresClient({ connectionString: engines.postgresUrl })
    await client.connect()
    onTestFinished(() => client.end())
    const children = descendantsOf(engines.process.pid ?? 0)
    expect(children.length).toBeGreaterThan(3)
    const allowed = ['PATH', 'TZ', 'LC_ALL', 'LD_LIBRARY_PATH', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE']
    for (const { pid } of children) {
      const environment = environmentOf(pid)
      expect(environment).not.toMatch(/secret-/)
      // PostgreSQL's processes write their titles over it.
      const names = environment
        .split('\0')
        .filter((each) => /^[A-Z_]+=/.test(each))
        .map((each) => each.split('=')[0])
      expect(names.filter((name) => !allowed.includes(name ?? '') && !/^PG_/.test(name ?? ''))).toEqual([])
    }
    engines.process.kill('SIGTERM')
    expect(await endOf(engines.process)).toBe(0)
  })

  it.runIf(isLinux)('starts again where a killed process left stopped engines behind', async () => {
    const dataDir = join(await temporaryFolder(), 'data')
    const first = await startEnginesProcess(dataDir)
    await postgresValue(first.postgresUrl, 'CREATE TABLE kept AS SELECT 1 AS a')
    stopDescendantsOf(first.process.pid ?? 0)
    first.process.kill('SIGKILL')
    const second = await startEnginesProcess(dataDir)
    expect(await postgresValue(second.postgresUrl, 'SELECT a FROM kept')).toBe(1)
    // Ended while they are stopped, none stays behind.
    stopDescendantsOf(second.process.pid ?? 0)
    second.process.kill('SIGTERM')
    expect(await endOf(second.process)).toBe(0)
    // Killed, but the system may take a moment for it.
    await expect.poll(() => processesNaming(dataDir)).toEqual([])
  })

  it('stops within seconds, also while the engine works', { retry: 3 }, async () => {
    const dataDir = join(await temporaryFolder(), 'data')
    const engines = await startEnginesProcess(dataDir)
    const client = clientOf(engines.clickhouseUrl)
    const query = 'SELECT max(sipHash64(number)) FROM numbers(1000000000000)'
    const cut = expect(client.query({ query })).rejects.toThrow()
    await sleep(500)
    const start = Date.now()
    engines.process.kill('SIGTERM')
    expect(await endOf(engines.process)).toBe(0)
    expect(Date.now() - start).toBeLessThan(8_000)
    await cut
    await client.close()
    if (isLinux) expect(processesNaming(dataDir)).toEqual([])
  })

  it('opens a folder that a version on the chdb addon wrote', async () => {
    const dataDir = join(await temporaryFolder(), 'data')
    const folder = join(dataDir, 'clickhouse/data')
    await mkdir(folder, { recursive: true })
    const write = `
      const session = new (require('chdb').Session)(${JSON.stringify(folder)})
      session.query('CREATE DATABASE shop ENGINE = Atomic')
      session.query('CREATE TABLE shop.kept (id UInt64, country LowCardinality(String), price Decimal(18, 4)) ENGINE = ReplacingMergeTree ORDER BY id')
      session.query("INSERT INTO shop.kept SELECT number, toString(number % 7), number / 10 FROM numbers(100000)")
      process.kill(process.pid, 'SIGKILL')`
    expect(spawnSync(process.execPath, ['-e', write]).signal).toBe('SIGKILL')

    const engines = await startEnginesProcess(dataDir)
    const client = clientOf(engines.clickhouseUrl)
    const [row] = await rowsOf(
      client,
      'SELECT count() AS n, uniqExact(country) AS c, sum(price) AS p FROM shop.kept FINAL',
    )
    expect(row).toEqual({ n: 100_000, c: 7, p: 499_995_000 })
    await client.command({ query: 'INSERT INTO shop.kept SELECT number, 8, 0 FROM numbers(100000)' })
    expect(await rowsOf(client, 'SELECT count() AS n FROM shop.kept FINAL')).toEqual([{ n: 100_000 }])
    await client.close()
    engines.process.kill('SIGTERM')
    expect(await endOf(engines.process)).toBe(0)
  })

  it('refuses a second process on one folder within a second, and says who has it', { retry: 3 }, async () => {
    const { startEmbeddedEngines, DataDirInUseError } = await compiled<typeof Embedded>(
      'src/infrastructure/embedded/embedded-engines.js',
    )
    const dataDir = join(await temporaryFolder(), 'data')
    const first = await startEnginesProcess(dataDir)
    const start = Date.now()
    const second = startEmbeddedEngines({ dataDir: join(dataDir, '.'), postgres: true, clickhouse: true })
    await expect(second).rejects.toThrow(DataDirInUseError)
    await expect(second).rejects.toThrow(new RegExp(`${dataDir}.*${first.process.pid}`))
    expect(Date.now() - start).toBeLessThan(1_000)
    const third = spawn(process.execPath, [ENGINES_PROGRAM], {
      env: { ...process.env, DATA_DIR: dataDir },
      stdio: 'ignore',
    })
    expect(await endOf(third)).toBe(1)
    first.process.kill('SIGTERM')
    await endOf(first.process)
  })

  it.runIf(isLinux)('leaves no process behind when it is killed, and starts again at once', async () => {
    const dataDir = join(await temporaryFolder(), 'data')
    const first = await startEnginesProcess(dataDir)
    await postgresValue(first.postgresUrl, 'CREATE TABLE kept AS SELECT 1 AS a')
    first.process.kill('SIGKILL')
    const second = await startEnginesProcess(dataDir)
    expect(await postgresValue(second.postgresUrl, 'SELECT a FROM kept')).toBe(1)
    second.process.kill('SIGKILL')
    await eventually(60_000, () => processesNaming(dataDir).length === 0)
  })

  it.runIf(isLinux && isRoot)('works as a plain user', async () => {
    const nobody = { uid: 65534, gid: 65534 }
    const folder = await temporaryFolder()
    await chown(folder, nobody.uid, nobody.gid)
    await chmod(folder, 0o700)
    const wrapper = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
    try {
      execFileSync('setpriv', [...wrapper.slice(1), 'test', '-r', ENGINES_PROGRAM, '-a', '-x', process.execPath])
    } catch {
      console.log('skipped: a plain user cannot read this checkout or Node')
      return
    }
    const engines = await startEnginesProcess(join(folder, 'data'), wrapper)
    expect(await postgresValue(engines.postgresUrl, 'SELECT 1')).toBe(1)
    const client = clientOf(engines.clickhouseUrl)
    expect(await rowsOf(client, 'SELECT 1 AS x')).toEqual([{ x: 1 }])
    await client.close()
    engines.process.kill('SIGTERM')
    expect(await endOf(engines.process)).toBe(0)
  })
})

describe('the PostgreSQL package', () => {
  it('gets its symlinks when install scripts did not run', async () => {
    const { findPostgresBinaries, hydrateSymlinks } = await compiled<typeof Binaries>(
      'src/infrastructure/embedded/postgres/postgres-binaries.js',
    )
    const original = resolve((await findPostgresBinaries()).postgres, '../../..')
    const copy = await temporaryFolder()
    await cp(join(original, 'native'), join(copy, 'native'), { recursive: true, verbatimSymlinks: true })
    await mkdir(join(copy, 'scripts'))
    for (const entry of await readdir(join(copy, 'native/lib'), { withFileTypes: true })) {
      if (entry.isSymbolicLink()) await rm(join(copy, 'native/lib', entry.name))
    }
    const version = () => execFileSync(join(copy, 'native/bin/postgres'), ['-V'], { stdio: 'pipe' }).toString()
    expect(version).toThrow()
    await hydrateSymlinks(copy)
    expect(version()).toMatch(/PostgreSQL/)
    await hydrateSymlinks(copy)
  })
})
