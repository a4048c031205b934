import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { FORMATS } from '../../src/ingestion/ingestion.js'
import { BreakingProxy } from '../support/breaking-proxy.js'
import { startCli, startCliOnTerminal, type CliOptions, type CliResult, type CliRun } from '../support/cli.js'
import { Customer } from '../support/customer.js'
import { SAMPLES } from '../support/samples.js'
import { freePort, startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'

const SUPERSTORE = join(SAMPLES, 'superstore.csv.gz')
const MAPPING = join(SAMPLES, 'superstore.mapping.json')
const MAX_UPLOAD_BYTES = 8_000_000
const hasScript = isInstalled('script', 'the progress bar on a terminal')

let seed = 0

/** Transactions that no other test has. */
const salesCsv = (rows = 20): string => [...transactionsCsv({ rows, seed: ++seed })].join('')

describe('countinghouse, the command', () => {
  let server: TestServer
  let folder: string

  beforeAll(async () => {
    server = await startServer({ env: { MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) } })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countinghouse-cli-'))
    return () => rmSync(folder, { recursive: true, force: true })
  })

  const environment = (): Record<string, string> => ({
    COUNTINGHOUSE_URL: server.url,
    COUNTINGHOUSE_API_KEY: server.rootKey,
  })

  /** Runs it to its end; whatever it did, it has shown no key and steered no terminal. */
  async function cli(args: string[], { env, ...options }: CliOptions = {}): Promise<CliResult> {
    const result = await startCli(args, { env: { ...environment(), ...env }, cwd: folder, ...options }).ended
    for (const text of [result.stdout, result.stderr]) {
      expect(text).not.toContain(server.rootKey)
      expect(text).not.toContain('\u001b')
      expect(text).not.toContain('\r')
    }
    return result
  }

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }

  const jsonLines = (text: string): any[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('says to the server how a file is written', async () => {
    const [header, ...records] = salesCsv(3).trimEnd().split('\n')
    const table = [header, ...records].map((line) => `${line!.replaceAll(',', '|')}\n`).join('')
    const args = ['--delimiter', '|', '--quote', 'none', '--skip-lines', '2', '--date-format', 'YYYY-MM-DD']
    const result = await cli(['ingest', ...args, file('odd.csv', `Sales report\n"\n${table}`)])
    expect(result.stdout).toMatch(/odd\.csv: loaded, 3 rows read, 3 accepted, 0 rejected/)
    const refused = await cli(['ingest', '--delimiter', 'ab', file('other.csv', table)])
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([1, expect.stringContaining('one ASCII character')])
  })

  it('loads superstore.csv with its mapping, and says what became of it', async () => {
    const args = ['ingest', '--mapping', MAPPING, '--rejects', 'mend/these', SUPERSTORE]
    const first = await cli(args)
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/superstore\.csv\.gz: loaded, 10,800 rows read, 9,994 accepted, 806 rejected in \d/)
    expect(first.stdout).toMatch(/line 9996: expected 21 fields, found 2/)
    expect(first.stdout).toMatch(/and 803 more/)
    expect(first.stdout).toMatch(/records are in mend\/these\/rejects-superstore\.csv/)
    const rejects = readFileSync(join(folder, 'mend/these/rejects-superstore.csv'), 'utf8').trimEnd().split('\n')
    expect(rejects).toHaveLength(807)
    expect(rejects[0]).toMatch(/^Row ID,Order ID,/)
    expect(rejects[1]).toBe('Person,Region')

    const again = await cli(args)
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(/not loaded again: job \S+ loaded the same content on \d{4}-\d\d-\d\d/)
    // What is being mended is not written over.
    expect(readdirSync(join(folder, 'mend/these')).sort()).toEqual([
      'rejects-superstore-2.csv',
      'rejects-superstore.csv',
    ])

    const forced = await cli(['ingest', '--force', '--json', '--mapping', MAPPING, SUPERSTORE])
    expect(jsonLines(forced.stdout)).toMatchObject([
      {
        file: SUPERSTORE,
        outcome: 'loaded',
        job: { status: 'succeeded', rowsRead: 10800, rowsAccepted: 9994, rowsRejected: 806, duplicate: false },
        rejectsFile: null,
        error: null,
      },
    ])
  })

  it('takes a folder: the data files in it, in order, and those below it when asked', async () => {
    mkdirSync(join(folder, 'data/sub'), { recursive: true })
    file('data/b.csv', salesCsv())
    file('data/a.csv.gz', gzipSync(salesCsv()))
    file('data/sub/c.tsv', salesCsv().replaceAll(',', '\t'))
    file('data/.hidden.csv', salesCsv())
    file('data/readme.txt', 'not a data file')
    symlinkSync('b.csv', join(folder, 'data/link.csv'))

    const flat = await cli(['ingest', '--json', 'data', 'data/b.csv'])
    expect(flat).toMatchObject({ code: 0, stderr: '' })
    expect(jsonLines(flat.stdout).map((line) => [line.file, line.outcome])).toEqual([
      ['data/a.csv.gz', 'loaded'],
      ['data/b.csv', 'loaded'],
    ])
    const deep = await cli(['ingest', '--recursive', '--parallel', '3', 'data'])
    expect(deep.code).toBe(0)
    expect(deep.stdout).toMatch(/c\.tsv: loaded, 20 rows read, 20 accepted, 0 rejected/)
    expect(deep.stdout).toMatch(/3 files: 1 loaded, 2 loaded before; 20 rows accepted, 0 rejected/)

    mkdirSync(join(folder, 'empty'))
    expect(await cli(['ingest', 'empty'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/empty: no data files/),
    })
  })

  it('imports accounts, with every row accounted for', async () => {
    const header = 'id,first_name,last_name,email_address,created_at,deleted_at,merged_at,parent_user_id'
    file(
      'users.csv',
      `${header}\n9001,Ada,Cli,ada.cli@example.com,1700000000000,-1,-1,-1\n9002,Bo,Cli,no address,x,-1,-1,-1\n`,
    )
    const { code, stdout } = await cli(['users', 'import', '--rejects', '.', 'users.csv'])
    expect(stdout).toMatch(/users\.csv: loaded, 2 rows read, 1 accepted, 1 rejected/)
    expect(code).toBe(0)
    expect(readFileSync(join(folder, 'rejects-users.csv'), 'utf8')).toMatch(/^id,first_name.*\n9002,Bo/)
    expect((await server.json('GET', '/users?email=ada.cli@example.com')).body.data).toHaveLength(1)
  })

  it('goes on after a file that fails, and ends with 1', async () => {
    file('1.csv', 'Header,Only\n')
    file('2.csv', salesCsv())
    file('3.csv', salesCsv().replace(/,\d\d\d\d-\d\d-\d\d,/, ',yesterday,'))
    const { code, stdout, stderr } = await cli(['ingest', '--on-error', 'abort', '1.csv', '2.csv', '3.csv'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/1\.csv: FAILED\n {2}job \S+\n/)
    expect(stdout).toMatch(/2\.csv: loaded, 20 rows/)
    expect(stderr).toMatch(/3\.csv: FAILED\n {2}job \S+\n/)
    expect(stdout).toMatch(/3 files: 1 loaded, 2 failed/)
  })

  it('never takes the key as an argument, and takes it from a file or standard input', async () => {
    const path = file('sales.csv', salesCsv())
    const without = { env: { COUNTINGHOUSE_API_KEY: '' } }
    const key = file('key', `${server.rootKey}\n`)
    const run = startCli(['ingest', '--key-file', key, '--url', server.url, path])
    expect(readFileSync(`/proc/${run.process.pid}/cmdline`, 'utf8')).not.toContain(server.rootKey)
    expect(await run.ended).toMatchObject({ code: 0 })
    expect(await cli(['ingest', '--key-file', '-', path], { ...without, input: server.rootKey })).toMatchObject({
      code: 0,
    })
    expect(await cli(['ingest', path], without)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/set COUNTINGHOUSE_API_KEY/),
    })
    for (const args of [[`--key=${server.rootKey}`], ['--key', server.rootKey], ['--key-file', server.rootKey]])
      expect(await cli(['ingest', ...args, path], without)).toMatchObject({ code: 2 })
  })

  const wrong: [why: string, args: string[], said: RegExp][] = [
    ['no command', [], /Usage: countinghouse/],
    ['an unknown command', ['digest'], /unknown command 'digest'/],
    ['no file', ['ingest'], /missing required argument 'path'/],
    ['a file that is not there', ['ingest', 'nowhere.csv'], /nowhere\.csv: there is no such file/],
    ['an unknown format', ['ingest', '--format', 'xls', '.'], /Allowed choices are csv/],
    ['a number that is none', ['ingest', '--parallel', '0', '.'], /whole number from 1 to 16/],
    ['a URL that is none', ['ingest', '--url', 'localhost:8080', '.'], /must begin with http/],
    ['a mapping that is no JSON', ['ingest', '--mapping', 'bad.json', 'bad.json'], /bad\.json is not JSON/],
  ]
  it.each(wrong)('ends with 2 for %s', async (_why, args, said) => {
    file('bad.json', '{"TransactionId": }')
    expect(await cli(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(said) })
  })

  it('explains itself', async () => {
    const { code, stdout } = await cli(['ingest', '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Exit codes: 0/)
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  describe('when the server says no', () => {
    it('says that nothing answers, and sends no other file', async () => {
      const [a, b] = [file('a.csv', salesCsv()), file('b.csv', salesCsv())]
      const { code, stdout, stderr } = await cli(['ingest', a, b], {
        env: { COUNTINGHOUSE_URL: `http://127.0.0.1:${await freePort()}` },
      })
      expect(code).toBe(1)
      expect(stderr).toMatch(/Nothing responds at http:\/\/127\.0\.0\.1:\d+\. Is the server running/)
      expect(stdout).toBe('2 files: 1 failed, 1 not sent\n')
    })

    it('tells an unknown key from one that may not load', async () => {
      const path = file('a.csv', salesCsv())
      const unknown = await cli(['ingest', path], { env: { COUNTINGHOUSE_API_KEY: `ch_${'x'.repeat(43)}` } })
      expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/does not accept this API key/) })
      const { key } = await Customer.create(server, 1)
      const member = await cli(['ingest', path], { env: { COUNTINGHOUSE_API_KEY: key } })
      expect(member).toMatchObject({ code: 1, stderr: expect.stringMatching(/may not do that. Use the root key/) })
    })

    it('says how to load a file that is too large, and goes on', async () => {
      file('a.csv', salesCsv(100_000))
      file('b.csv', salesCsv())
      const { code, stdout, stderr } = await cli(['ingest', 'a.csv', 'b.csv'])
      expect(code).toBe(1)
      expect(stderr).toMatch(/8000000 bytes\. Raise MAX_UPLOAD_BYTES/)
      expect(stdout).toMatch(/b\.csv: loaded/)
    })

    const refusals: [status: number, code: string, said: RegExp, requests: number][] = [
      [415, 'UNSUPPORTED_FORMAT', /give --format/, 1],
      [429, 'RATE_LIMITED', /The server limits this key; wait 90 s/, 1],
      [507, 'INSUFFICIENT_STORAGE', /Free space where the server keeps its uploads/, 1],
      [500, 'INTERNAL', /HTTP 500, request r-1/, 1],
      [302, '', /redirects elsewhere/, 1],
      [404, '', /not as Countinghouse does. Check --url/, 1],
    ]
    // A real server gives most of these only in states that are hard to bring about.
    it.each(refusals)('explains %i %s', async (status, code, said, requests) => {
      let uploads = 0
      const refusing = createServer((request, response) => {
        if (request.method === 'GET') return response.end('{"data":[]}')
        uploads++
        request.resume()
        const problem = { status, code, detail: 'It is so.', requestId: 'r-1' }
        response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '90' })
        return response.end(code ? JSON.stringify(problem) : '<html></html>')
      }).listen(0, '127.0.0.1')
      await once(refusing, 'listening')
      const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`
      const result = await cli(['ingest', file('a.csv', salesCsv())], { env: { COUNTINGHOUSE_URL: url } })
      refusing.close()
      expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(said) })
      expect(uploads).toBe(requests)
    })
  })

  it('sends a file again when the connection breaks, and loads it once', async () => {
    const proxy = await BreakingProxy.before(server.url)
    const env = { COUNTINGHOUSE_URL: proxy.url }
    file('cut.csv', salesCsv(20_000))
    proxy.breakNext({ uploadedBytes: 500_000 }, { uploadedBytes: 1_000_000 })
    const cut = await cli(['ingest', '--json', 'cut.csv'], { env })
    expect(cut).toMatchObject({ code: 0, stderr: expect.stringMatching(/(.*connection broke .*\n){2}/) })
    expect(jsonLines(cut.stdout)).toMatchObject([
      { outcome: 'loaded', job: { rowsAccepted: 20_000, duplicate: false } },
    ])

    // The answer is lost: the job that the next attempt finds is the one of the first.
    file('lost.csv', salesCsv(500))
    proxy.breakNext('answer')
    const lost = await cli(['ingest', '--json', 'lost.csv'], { env })
    expect(jsonLines(lost.stdout)).toMatchObject([{ outcome: 'loaded', job: { rowsAccepted: 500 } }])

    // With --force the server would load it a second time.
    proxy.breakNext('answer')
    const forced = await cli(['ingest', '--force', 'lost.csv'], { env })
    expect(forced).toMatchObject({ code: 1, stderr: expect.stringMatching(/broke after the whole file had been sent/) })
    await proxy.close()
  })

  describe('while a job waits for its turn', () => {
    let idle: TestServer

    beforeAll(async () => {
      idle = await startServer({ env: { INGESTION_WORKER: 'false' } })
    })
    afterAll(() => idle.stop())

    const jobOf = async (name: string): Promise<any> =>
      (await idle.json('GET', '/v1/ingestions')).body.data.find((job: any) => job.fileName === name)

    async function startWaiting(name: string, more: string[] = [], url = idle.url): Promise<CliRun> {
      file(name, salesCsv())
      const env = { COUNTINGHOUSE_URL: url, COUNTINGHOUSE_API_KEY: idle.rootKey }
      const run = startCli(['ingest', name, ...more], { env, cwd: folder })
      while (!(await jobOf(name))) await sleep(20)
      return run
    }

    it('cancels it at Ctrl-C', async () => {
      const run = await startWaiting('canceled.csv', [file('unsent.csv', salesCsv())])
      run.process.kill('SIGINT')
      const { code, stdout, stderr } = await run.ended
      expect(code).toBe(130)
      expect(stderr).toMatch(/canceled\.csv: canceled, nothing of it is visible/)
      expect(stdout).toBe('2 files: 1 canceled, 1 not sent\n')
      expect(await jobOf('canceled.csv')).toMatchObject({ status: 'canceled' })
      expect(await jobOf('unsent.csv')).toBeUndefined()
    })

    it('ends at once at the second Ctrl-C, also when the server hangs', async () => {
      const run = await startWaiting('left.csv')
      idle.process.kill('SIGSTOP')
      run.process.kill('SIGINT')
      await run.printed(/Press Ctrl-C again to stop here/)
      run.process.kill('SIGINT')
      expect(await run.ended).toMatchObject({ code: 130 })
      idle.process.kill('SIGCONT')
    })

    it('follows it through a restart of the server', async () => {
      const proxy = await BreakingProxy.before(idle.url)
      const run = await startWaiting('followed.csv', [], proxy.url)
      await idle.kill()
      await run.printed(/connection broke/)
      idle = await startServer({ dataDir: idle.dataDir, rootKey: idle.rootKey })
      proxy.moveTo(idle.url)
      const { code, stdout } = await run.ended
      expect(stdout).toMatch(/followed\.csv: loaded, 20 rows/)
      expect(code).toBe(0)
      await proxy.close()
    })
  })

  it('refreshes the views', async () => {
    const { code, stdout } = await cli(['refresh'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^mv_monthly_sales: \d+ rows in \d+ ms$/m)
    expect(await cli(['refresh'], { env: { COUNTINGHOUSE_API_KEY: 'ch_wrong' } })).toMatchObject({ code: 1 })
  })

  it('makes files of every format that load, with as many bad rows as asked for', async () => {
    const generate = (...args: string[]): Promise<CliResult> => cli(['generate', 'transactions', ...args])
    for (const format of FORMATS) {
      const args = ['--rows', '400', '--seed', '77', '--format', format, '--out', `sales.${format}`]
      expect(await generate(...args, '--bad-ratio', '0.05')).toEqual({ code: 0, stdout: '', stderr: '' })
    }
    const { code, stdout } = await cli(['ingest', '--json', ...FORMATS.map((format) => `sales.${format}`)])
    expect(code).toBe(0)
    expect(jsonLines(stdout).map(({ job }) => [job.format, job.rowsAccepted, job.rowsRejected])).toEqual(
      FORMATS.map((format) => [format, 380, 20]),
    )

    const text = await generate('--rows', '3', '--seed', '5')
    expect(text.stdout.split('\n')).toHaveLength(5)
    expect(await generate('--rows', '3', '--seed', '5')).toEqual(text)
    expect((await generate('--rows', '3', '--seed', '6')).stdout).not.toBe(text.stdout)
    expect(await generate('--bad-ratio', '2')).toMatchObject({ code: 2 })
    expect(await generate('--out', '.')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: \.: EISDIR/) })
  })

  it.skipIf(!hasScript)('shows a bar on a terminal, and leaves the terminal as it was', async () => {
    file('sales.csv', salesCsv(5_000))
    const { code, stdout } = await startCliOnTerminal(['ingest', 'sales.csv'], { env: environment(), cwd: folder })
      .ended
    expect(code).toBe(0)
    // A small file may have been sent before the first picture.
    expect(stdout).toMatch(/(uploading|loading {2}) sales\.csv [█░]+ +\d+%/)
    expect(stdout).toMatch(/sales\.csv: loaded, 5,000 rows read/)
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'))
  })
})
