import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startCli, startCliOnTerminal, type CliOptions, type CliResult } from '../support/cli.js'
import { Customer } from '../support/customer.js'
import { sample, SAMPLES } from '../support/samples.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'

const RIDES = join(SAMPLES, 'rides.csv.gz')
const hasScript = isInstalled('script', 'questions on a terminal')
const hasCurl = isInstalled('curl', 'the first query that a load with --create prints')

/** Orders of German offices: commas before decimals, days first. */
const ORDERS = [
  'Auftrag;Datum;Kunde;Betrag',
  ...Array.from({ length: 40 }, (_, n) => `A-${100 + n};${13 + (n % 10)}.01.2025;Kunde ${n % 7};1.${200 + n},50`),
].join('\n')

describe('countinghouse datasets', () => {
  let server: TestServer
  let folder: string

  beforeAll(async () => {
    server = await startServer()
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

  async function cli(args: string[], { env, ...options }: CliOptions = {}): Promise<CliResult> {
    const result = await startCli(args, { env: { ...environment(), ...env }, cwd: folder, ...options }).ended
    for (const text of [result.stdout, result.stderr]) {
      expect(text).not.toContain(server.rootKey)
      expect(text).not.toContain('\u001b')
    }
    return result
  }

  /** What the user types on a terminal when the command has printed its question. */
  async function typing(args: string[], question: RegExp, answer: string): Promise<CliResult> {
    const run = startCliOnTerminal(args, { env: environment(), cwd: folder, keepsInput: true })
    await run.printed(question)
    run.process.stdin!.end(answer)
    return run.ended
  }

  function file(name: string, content: string): string {
    writeFileSync(join(folder, name), content)
    return name
  }

  async function queried(query: object): Promise<any> {
    return (await server.json('POST', '/v1/query', query)).body.data
  }

  const names = async (): Promise<string[]> =>
    JSON.parse((await cli(['datasets', 'list', '--json'])).stdout).map(({ name }: any) => name)

  it('infers a declaration that create takes and the file loads into, row for row', async () => {
    file('orders.csv', ORDERS)
    const shown = await cli(['datasets', 'infer', 'orders.csv'])
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^orders\.csv as the dataset orders: 4 columns\n/)
    expect(shown.stdout).toMatch(/Auftrag +auftrag +text +key, required +A-100 \| A-101 \| A-102\n/)
    expect(shown.stdout).toMatch(/Datum +datum +date D+\.MM?\.YYYY +required, time +13\.01\.2025/)
    expect(shown.stdout).toMatch(/Betrag +betrag +decimal\(\d\)/)
    expect(shown.stdout).toMatch(/way of writing: .*decimalSeparator ","/)
    expect(shown.stdout).toMatch(/betrag +sum of betrag/)
    expect(await names()).toEqual(['transactions', 'events'])

    const declaration = await cli(['datasets', 'infer', '--json', '--name', 'auftraege', 'orders.csv'])
    file('d.json', declaration.stdout)
    const created = await cli(['datasets', 'create', 'd.json'])
    expect(created).toMatchObject({ code: 0, stderr: '' })
    expect(created.stdout).toMatch(/Created auftraege: 4 columns\nkey: auftrag .*\ntime dimension: datum\n/)
    expect(created.stdout).toContain('npx countinghouse ingest --dataset auftraege FILE')
    const loaded = await cli(['ingest', '--dataset', 'auftraege', 'orders.csv'])
    expect(loaded.stdout).toMatch(/loaded, 40 rows read, 40 accepted, 0 rejected/)
    const measure = JSON.parse(declaration.stdout).measures.find(({ type }: any) => type === 'sum').name
    expect(await queried({ dataset: 'auftraege', measures: ['rows', measure] })).toEqual([
      // 40 x 1200.50 and 0 + 1 + ... + 39
      { rows: 40, [measure]: 48_800 },
    ])

    const again = await cli(['datasets', 'create', '-'], { input: declaration.stdout })
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/auftraege exists already/) })
  })

  it('says each thing that is wrong with a declaration, with its place', async () => {
    const columns = [
      { name: 'Order Id', type: 'text' },
      { name: 'sales', type: 'money' },
    ]
    const wrong = await cli(['datasets', 'create', '-'], { input: JSON.stringify({ name: 'wrong', columns }) })
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(
      /refuses this:\n {2}columns\[0\]\.name: must begin with a letter.*\n {2}columns\[1\]\.type: .*decimal/,
    )
    const unknown = { name: 'wrong', columns: [{ name: 'sales', type: 'text' }], key: ['sale'] }
    const one = await cli(['datasets', 'create', '-'], { input: JSON.stringify(unknown) })
    expect(one).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: key\[0\]: "sale" is not a column.*sales/),
    })
    file('bad.json', '{"name": }')
    file('list.json', '[]')
    for (const [args, code, message] of [
      [['create', 'bad.json'], 2, /bad\.json is not JSON: .*datasets infer FILE --json/],
      [['create', 'list.json'], 2, /list\.json must hold one JSON object, as "datasets infer FILE --json" prints it/],
      [['create', 'none.json'], 2, /none\.json: there is no such file or folder/],
      [['infer', 'none.csv'], 1, /none\.csv: there is no such file or folder/],
      [['infer', '.'], 1, /\.: is a folder; name one file of it/],
    ] as const)
      expect(await cli(['datasets', ...args])).toMatchObject({
        code,
        stdout: '',
        stderr: expect.stringMatching(message),
      })
    expect(await names()).not.toContain('wrong')
  })

  it('describes a dataset with what its measures compute', async () => {
    const declaration = {
      name: 'lines',
      columns: [
        { name: 'id', type: 'integer', required: true },
        { name: 'day', type: 'date', source: 'Tag', format: 'D.M.YYYY' },
        { name: 'price', type: 'decimal', scale: 2, description: 'with VAT' },
        { name: 'kind', type: 'text' },
      ],
      key: ['id'],
      measures: [
        { name: 'total', type: 'sum', column: 'price' },
        { name: 'p95', type: 'quantile', column: 'price', level: 0.95 },
        { name: 'last_price', type: 'latest', column: 'price', by: 'day' },
        { name: 'toys', type: 'count', filters: [{ member: 'kind', operator: 'equals', values: ['toy', 'game'] }] },
        { name: 'share', type: 'ratio', numerator: 'toys', denominator: 'rows' },
      ],
      price: { query: 2 },
    }
    expect((await server.json('POST', '/v1/admin/datasets', declaration)).status).toBe(201)
    const { code, stdout } = await cli(['datasets', 'describe', 'lines'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^lines: Lines\n0 rows, last load never\nkey: id \(a row that is sent again replaces/)
    expect(stdout).toMatch(/time dimension: day\nprice in credits: query 2\n/)
    expect(stdout).toMatch(/day +Tag +date D\.M\.YYYY +time\n/)
    expect(stdout).toMatch(/price +price +decimal\(2\) +with VAT\n/)
    const computed = Object.fromEntries(
      [...stdout.matchAll(/^ {2}(\w+) {2,}(.+?) {2,}\w+$/gm)].map(([, a, b]) => [a, b]),
    )
    expect(computed).toMatchObject({
      rows: 'rows',
      total: 'sum of price',
      p95: 'quantile 0.95 of price',
      last_price: 'price of the row with the greatest day',
      toys: 'rows where kind equals toy or game',
      share: 'toys / rows',
    })
    const asJson = await cli(['datasets', 'describe', 'lines', '--json'])
    expect(JSON.parse(asJson.stdout)).toMatchObject({ name: 'lines', key: ['id'], revision: 1, rowCount: 0 })
    expect((await cli(['datasets', 'describe', 'transactions'])).stdout).toMatch(
      /average_order_value +revenue \/ trans/,
    )
    expect(await cli(['datasets', 'describe', 'linse'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/does not exist.*"lines"/),
    })
  })

  it('lists names, titles, rows and last loads', async () => {
    const { code, stdout } = await cli(['datasets', 'list'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^name +title +rows +last load\ntransactions +Transactions +0 +never\n/)
  })

  it('steers no terminal with what a file holds', async () => {
    file('evil.csv', 'Name,Sales\u001b[2J\n\u001b]0;title\u0007x,1\ny,2\n')
    const { stdout, code } = await cli(['datasets', 'infer', 'evil.csv'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Sales\ufffd\[2J/)
  })

  it('creates a dataset and loads several files in one go, with a query to try', async () => {
    const lines = sample('rides.csv').toString().trimEnd().split('\n')
    file('rides.csv', `${lines.slice(0, 1501).join('\n')}\n`)
    file('more.csv', `${[lines[0], ...lines.slice(1501)].join('\n')}\n`)
    const { code, stdout, stderr } = await cli(['ingest', '--create', '--yes', 'rides.csv', 'more.csv'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/Started at +started_at +timestamp +required, time/)
    expect(stdout).toMatch(/Member +member +boolean/)
    expect(stdout).toMatch(/Created rides\.\nrides\.csv: loaded, 1,500 rows read, 1,500 accepted, 0 rejected/)
    expect(stdout).toMatch(/more\.csv: loaded, 676 rows/)
    expect(stdout).toContain(`${server.url}/#/explore?dataset=rides`)
    const [total] = await queried({ dataset: 'rides', measures: ['rows', 'total_amount_eur'] })
    const amounts = lines.slice(1).map((line) => Math.round(Number(line.split(',').at(-2)) * 100))
    expect(total).toEqual({ rows: 2_176, total_amount_eur: amounts.reduce((a, b) => a + b) / 100 })

    const again = await cli(['ingest', '--create', '--yes', 'rides.csv'])
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/dataset rides is there already.*--dataset rides/),
    })
    if (!hasCurl) return
    const curl = /^ {2}(curl [^]+?)\nIn the console/m.exec(stdout)![1]!
    const answer = JSON.parse(
      execFileSync('bash', ['-c', curl], { env: { ...process.env, ...environment() } }).toString(),
    )
    expect(answer.data.length).toBeGreaterThan(1)
  })

  it('prints one line of JSON for each file with --create --json', async () => {
    const { code, stdout, stderr } = await cli(['ingest', '--create', '--yes', '--json', '--name', 'rides_json', RIDES])
    expect(code).toBe(0)
    expect(stderr).toMatch(/as the dataset rides_json: 11 columns/)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'loaded', job: { dataset: 'rides_json', rowsAccepted: 2_176 } })
  })

  const misused: [why: string, args: string[], said: RegExp][] = [
    ['nobody can be asked', ['ingest', '--create', RIDES], /no terminal to ask on: give --yes/],
    ['nobody can be asked to drop', ['datasets', 'drop', 'rides'], /no terminal to ask on: give --yes/],
    ['--name is given without --create', ['ingest', '--name', 'x', RIDES], /--name and --yes go with --create/],
    [
      '--dataset is given too',
      ['ingest', '--create', '--yes', '--dataset', 'x', RIDES],
      /--name in place of --dataset/,
    ],
    ['--name is no name', ['ingest', '--create', '--yes', '--name', 'My Rides', RIDES], /begin with a letter a to z/],
    ['--mapping is given too', ['ingest', '--create', '--yes', '--mapping', 'm.json', RIDES], /leave --mapping out/],
    ['there is no such file', ['ingest', '--create', '--yes', 'nowhere.csv'], /there is no such file/],
  ]
  it.each(misused)('ends with 2 where %s', async (_why, args, said) => {
    file('m.json', '{}')
    expect(await cli(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(said) })
  })

  it('says what a key may not do, and what a file is that cannot be read', async () => {
    const { key } = await Customer.create(server, 1)
    const member = await cli(['datasets', 'infer', RIDES], { env: { COUNTINGHOUSE_API_KEY: key } })
    expect(member).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/may not do that/) })
    file('empty.csv', '')
    expect(await cli(['datasets', 'infer', 'empty.csv'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/empty\.csv is empty/),
    })
  })

  it.skipIf(!hasScript)('asks before it creates and loads, and takes no for an answer', async () => {
    file('asked.csv', ORDERS)
    const no = await typing(['ingest', '--create', 'asked.csv'], /Create and load\? \[y\/N\]/, '\n')
    expect(no.code).toBe(1)
    expect(no.stdout).toMatch(/Nothing was created/)
    expect(await names()).not.toContain('asked')
    const yes = await typing(['ingest', '--create', 'asked.csv'], /Create and load\? \[y\/N\]/, 'y\n')
    expect(yes.stdout).toMatch(/40 accepted, 0 rejected/)
    expect(yes.code).toBe(0)
  })

  it.skipIf(!hasScript)('drops a dataset only when its name is typed', async () => {
    file('dropped.csv', ORDERS)
    expect((await cli(['ingest', '--create', '--yes', '--force', 'dropped.csv'])).code).toBe(0)
    const wrong = await typing(['datasets', 'drop', 'dropped'], /dropped has 40 rows[^]*Type its name/, 'yes\n')
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringMatching(/nothing was dropped/) })
    const right = await typing(['datasets', 'drop', 'dropped'], /Type its name/, 'dropped\n')
    expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/Dropped dropped with 40 rows/) })
    expect(await names()).not.toContain('dropped')
  })

  it('drops a dataset without a question with --yes, and no built-in one', async () => {
    file('gone.csv', ORDERS)
    await cli(['ingest', '--create', '--yes', '--force', 'gone.csv'])
    expect(await cli(['datasets', 'drop', '--yes', 'gone'])).toMatchObject({
      code: 0,
      stdout: 'Dropped gone with 40 rows. Its jobs stay in the history.\n',
    })
    expect(await cli(['datasets', 'drop', '--yes', 'transactions'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/transactions is built in/),
    })
  })
})
