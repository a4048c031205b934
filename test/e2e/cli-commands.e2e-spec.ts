import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCli, type CliOptions, type CliResult } from '../support/cli.js'
import { startServer, type TestServer } from '../support/server.js'

const HEADER =
  'TransactionId,TransactionDate,UserId,Country,ProductId,Description,Category,Price,Quantity,TotalPrice,Stock'
const PROFILE = join('.config', 'countinghouse', 'config.json')

/** In the order of a first day: each test uses what those before it made. */
describe('countinghouse query, users, keys, credits, endpoints, logs and login', () => {
  let server: TestServer
  let folder: string
  let key: string

  beforeAll(async () => {
    server = await startServer()
    folder = mkdtempSync(join(tmpdir(), 'countinghouse-cli-'))
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    expect(await server.stop()).toBe(0)
  })

  async function cli(args: string[], apiKey = server.rootKey, options: CliOptions = {}): Promise<CliResult> {
    const env: Record<string, string> = { COUNTINGHOUSE_URL: server.url }
    if (apiKey) env.COUNTINGHOUSE_API_KEY = apiKey
    const result = await startCli(args, { env, cwd: folder, ...options }).ended
    expect(result.stdout + result.stderr).not.toContain(server.rootKey)
    return result
  }

  const query = (...flags: string[]): Promise<CliResult> =>
    cli(['query', '--dataset', 'transactions', '--measures', 'revenue', ...flags], key)

  it('loads the files that are there, and ends with 1 for the one that is not', async () => {
    const rows = ['1,2025-01-02,u1,US,p1,Chair,Home,10.50,2,21.00,5', '2,2025-02-03,u2,DE,p2,Pen,Office,1.25,4,5.00,9']
    writeFileSync(join(folder, 'sales.csv'), [HEADER, ...rows].join('\n'))
    const { code, stdout, stderr } = await cli(['ingest', 'nowhere.csv', 'sales.csv'])
    expect(stdout).toMatch(/sales\.csv: loaded, 2 rows read, 2 accepted/)
    expect(stderr).toMatch(/nowhere\.csv: there is no such file/)
    expect(code).toBe(1)
  })

  it('sells access: an account whose key stands alone on standard output, credits, and a key with a limit', async () => {
    const created = await cli(['users', 'create', 'acme', '--credits', '100'])
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ch_\w{43}\n$/) })
    key = created.stdout.trim()
    const added = await cli(['credits', 'add', 'acme', '50', '--reason', 'invoice 4711'])
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Added 50 credits to acme, who has 150 now/),
    })
    expect(
      (await cli(['keys', 'create', '--user', 'acme', '--name', 'nightly', '--credit-limit', '50/month'])).code,
    ).toBe(0)
    expect((await cli(['keys', 'list'], key)).stdout).toMatch(/^nightly +ch_.* 0 of 50 a month/m)
    const ledger = JSON.parse((await cli(['credits', 'ledger', '--user', 'acme', '--json'])).stdout)
    expect(ledger).toMatchObject([{ amount: 50, reason: 'invoice 4711' }, { amount: 100 }])
  })

  it('queries by flags, JSON and standard input, as a table or for programs, and says the cost', async () => {
    const table = await query('--dimensions', 'category', '--order', 'revenue:desc')
    expect(table.stdout).toMatch(/^category +revenue\nHome +21\nOffice +5\n$/)
    expect(table.stderr).toMatch(/1 credit charged, 149 left/)
    const filtered = await query('--dimensions', 'category', '--filter', 'country=DE', '--output', 'csv')
    expect(filtered.stdout).toBe('"category","revenue"\n"Office",5\n')
    const input = JSON.stringify({ dataset: 'transactions', measures: ['revenue'] })
    const json = await cli(['query', '--json'], key, { input })
    expect(json.stdout.endsWith('\n')).toBe(true)
    expect(JSON.parse(json.stdout).data).toEqual([{ revenue: 26 }])
    const unknown = await cli(['query', '{"dataset":"sales","measures":["rows"]}'], key)
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/"sales".*transactions/) })
  })

  it('declares an endpoint, calls it, and names the nearest of one that does not exist', async () => {
    const declared = { title: 'Revenue', query: { dataset: 'transactions', measures: ['revenue'] } }
    writeFileSync(join(folder, 'total.json'), JSON.stringify(declared))
    expect((await cli(['endpoints', 'create', 'total.json'])).code).toBe(0)
    expect((await cli(['endpoints', 'call', 'total', '--output', 'csv'], key)).stdout).toBe('"revenue"\n26\n')
    expect(await cli(['endpoints', 'call', 'totl'], key)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/endpoint "totl" does not exist\. Did you mean "total"\?/),
    })
  })

  it('follows the log until Ctrl-C', async () => {
    const env = { COUNTINGHOUSE_URL: server.url, COUNTINGHOUSE_API_KEY: server.rootKey }
    const run = startCli(['logs', '--follow', '--user', 'acme'], { env, cwd: folder })
    await run.printed(/\/v1\/query/)
    await cli(['datasets', 'list'], key)
    await run.printed(/\/v1\/datasets/)
    run.process.kill('SIGINT')
    expect((await run.ended).code).toBe(130)
  })

  it('keeps a key that works as a profile that only its owner reads, and uses it', async () => {
    writeFileSync(join(folder, 'acme.key'), key)
    const login = await cli(['login', '--key-file', 'acme.key', '--profile', 'acme'], '')
    expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/Signed in .* as acme/) })
    expect(statSync(join(folder, PROFILE)).mode & 0o777).toBe(0o600)
    expect((await cli(['credits', 'show'], '')).stdout).toMatch(/^account +acme\n/)
    expect((await cli(['status'])).stdout).toMatch(/clickhouse +up/)
  })

  it('completes commands in a shell', async () => {
    expect((await cli(['complete', '--', 'datasets', 'desc'], '')).stdout).toMatch(/^describe\b/m)
  })
})
