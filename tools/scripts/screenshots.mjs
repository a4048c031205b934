// Pictures of every page of the console, in both themes and both widths: `npm run screenshots [FOLDER]`.
// Starts a server of its own with sample data, and leaves nothing but the pictures.
import './ensure-built.mjs'
import { Buffer } from 'node:buffer'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { URLSearchParams } from 'node:url'
import { chromium } from 'playwright-core'

const root = join(import.meta.dirname, '../..')
const out = resolve(process.argv[2] ?? 'screenshots')
const dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-screenshots-'))
const port = process.env.PORT ?? '8099'
const url = `http://127.0.0.1:${port}`
const WIDTHS = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } }
const RIDES = join(root, 'samples/rides.csv.gz')
/** columns that the dataset of the rides has not, and values that are rejected */
const MORE_RIDES =
  'Ride ID,Started at,Member,Amount (EUR),Weather,Rain (mm)\n' + 'R1,2025-06-05 08:00:00,yes,much,dry,0\n'.repeat(3)

/** as long as a username may be, and without a place to break it */
const LONG_NAME = 'somebody'.repeat(8)
const THEMES = ['light', 'dark']
/** pages as a path and what is pressed there; queries and a dashboard of them */
const {
  pages: PAGES,
  savedQueries: SAVED_QUERIES,
  tiles: TILES,
} = JSON.parse(readFileSync(join(import.meta.dirname, 'screenshots.json'), 'utf8'))

const QUERIES = [
  { measures: ['revenue', 'transactions'], dimensions: ['country'], order: [['revenue', 'desc']] },
  { measures: ['revenue'], timeDimension: { dimension: 'transaction_date', granularity: 'month' } },
  { measures: ['no_such_measure'] },
]

const POLICY = {
  ...{ endpoints: ['by-country'], dashboards: false },
  datasets: { transactions: { filters: [{ member: 'country', operator: 'equals', values: ['France'] }] } },
}
const ENDPOINT = {
  title: 'Revenue of a country',
  query: {
    ...{ dataset: 'transactions', measures: ['revenue'], dimensions: ['category'] },
    filters: [{ member: 'country', operator: 'equals', values: [{ param: 'country' }] }],
  },
  parameters: [{ name: 'country', type: 'text', default: 'France' }],
}

const server = spawn(process.execPath, [join(root, 'dist/src/main.js')], {
  env: { ...process.env, PORT: port, HOST: '127.0.0.1', DATA_DIR: dataDir },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const children = [server]
try {
  const key = await rootKey()
  await ready()
  const customerKey = await fill(key)
  mkdirSync(out, { recursive: true })
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  for (const theme of THEMES) {
    for (const [width, viewport] of Object.entries(WIDTHS))
      await picture(browser, { key, customerKey, theme, width, viewport })
  }
  await browser.close()
  console.log(`Pictures are in ${out}`)
} finally {
  for (const child of children.reverse()) await ended(child)
  rmSync(dataDir, { recursive: true, force: true })
}

async function picture(browser, { key, customerKey, theme, width, viewport }) {
  const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const shoot = async (name) => {
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined)
    await sleep(700)
    // Else the header stands in the middle of the picture.
    await page.evaluate('window.scrollTo(0, 0)')
    const busy = page.locator('[aria-busy="true"]')
    await busy
      .first()
      .waitFor({ state: 'detached', timeout: 10_000 })
      .catch(() => undefined)
    await page.screenshot({ path: join(out, `${name}-${theme}-${width}.png`), fullPage: true })
  }
  const opened = await milliseconds(async () => {
    await page.goto(url, { waitUntil: 'commit' })
    await page.getByLabel('API key').waitFor()
  })
  await shoot('sign-in')
  const signedIn = await milliseconds(async () => {
    await signIn(page, key)
    await page.getByRole('group', { name: 'Requests today' }).waitFor()
  })
  console.log(`${theme}, ${width}: usable after ${opened} ms, the first figures ${signedIn} ms after the key`)
  const ids = await idsOfPages(key)
  for (const [name, [path, ...pressed]] of Object.entries(PAGES)) {
    await page.goto('about:blank')
    await page.goto(`${url}/#${path.replace(/\{(\w+)\}/, (_, of) => ids[of])}`)
    for (const each of pressed) await page.locator(each).click()
    await shoot(name)
  }
  for (const { name, query, view } of SAVED_QUERIES) {
    await page.goto(`${url}/#/explore?${new URLSearchParams({ q: JSON.stringify(query), view: JSON.stringify(view) })}`)
    await page.getByRole('button', { name: 'Run', exact: true, disabled: false }).click()
    await page.getByRole('button', { name: 'Run again' }).waitFor()
    await shoot(`explore-${name.toLowerCase().replaceAll(' ', '-')}`)
  }
  await newDataset(page, shoot)
  await changedDataset(page, shoot)
  await context.clearCookies()
  await page.goto('about:blank')
  await page.goto(url)
  await signIn(page, customerKey)
  for (const tab of ['usage', 'plan', 'keys', 'requests', 'ledger', 'statements']) {
    await page.goto(`${url}/#/account/${tab}`)
    await shoot(`account-${tab}`)
  }
  await context.close()
}

async function idsOfPages(key) {
  const { data: users } = await json(key, 'GET', '/v1/admin/users')
  const { data: jobs } = await json(key, 'GET', '/v1/ingestions')
  const { data: boards } = await json(key, 'GET', '/v1/boards')
  const { data: webhooks } = await json(key, 'GET', '/v1/admin/webhooks')
  const userOf = (name) => users.find(({ username }) => username === name).id
  return {
    user: userOf('acme'),
    longUser: userOf(LONG_NAME),
    limited: userOf('beta'),
    job: jobs.find(({ rowsAccepted, rowsRejected }) => rowsAccepted > 0 && rowsRejected > 0).id,
    failed: jobs.find(({ status }) => status === 'failed').id,
    warnings: jobs.find(({ warnings }) => warnings.length > 0).id,
    board: boards[0].id,
    webhook: webhooks[0].id,
  }
}

/** The steps of the wizard, but for the last: it would declare the dataset. */
async function newDataset(page, shoot) {
  await page.goto(`${url}/#/data/new`)
  await page.getByLabel('File to load').setInputFiles(RIDES)
  await page.getByRole('group', { name: 'Columns' }).waitFor()
  await page
    .getByRole('button', { name: /^Describe / })
    .first()
    .click()
  await shoot('new-dataset-columns')
  await page.getByRole('button', { name: 'Go on to the measures' }).click()
  await addFilter(page)
  await shoot('new-dataset-measures')
  await page.getByRole('button', { name: 'Go on to the review' }).click()
  await shoot('new-dataset-review')
}

/** A dataset whose parts are edited, and a file on its way into it. */
async function changedDataset(page, shoot) {
  await page.goto(`${url}/#/data/datasets/rides`)
  for (const part of ['measures', 'price', 'options'])
    await page.getByRole('button', { name: `Edit the ${part}` }).click()
  await addFilter(page)
  await shoot('dataset-edit')
  await page.goto(`${url}/#/data?dataset=rides`)
  const file = { name: 'more-rides.csv', mimeType: 'text/csv', buffer: Buffer.from(MORE_RIDES) }
  await page.getByLabel('File to load').setInputFiles(file)
  await page.getByRole('button', { name: /^Options/ }).click()
  await shoot('data-upload')
}

async function addFilter(page) {
  await page
    .getByRole('button', { name: /^Filters and description/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Add a filter' }).click()
  await page.getByRole('button', { name: 'Add a group' }).click()
}

async function milliseconds(step) {
  const startedAt = Date.now()
  await step()
  return Date.now() - startedAt
}

async function signIn(page, key) {
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

/** Something for every page to show. */
async function fill(key) {
  const files = [
    ['good.csv', '--rows', '200000'],
    ['some-bad.csv', '--rows', '5000', '--seed', '2', '--bad-ratio', '0.01'],
  ].map(([name, ...options]) => {
    const file = join(dataDir, name)
    command(key, 'generate', 'transactions', '--out', file, ...options)
    return file
  })
  const failing = join(dataDir, `all-bad-${LONG_NAME}.csv`)
  writeFileSync(failing, 'TransactionId,TransactionDate,Country,ProductId,Price,Quantity\n1,soon,France,P1,1,1\n')
  command(key, 'ingest', ...files, failing)
  command(key, 'ingest', '--create', '--yes', RIDES)
  const moreRides = join(dataDir, 'more-rides.csv')
  writeFileSync(moreRides, MORE_RIDES + 'R2,2025-06-05 09:00:00,no,1.50,dry,0\n')
  command(key, 'ingest', '--dataset', 'rides', moreRides)
  command(key, 'seed')
  await json(key, 'PUT', '/v1/admin/endpoints/by-country', ENDPOINT)
  for (const username of ['beta', 'gamma', 'delta'])
    await json(key, 'POST', '/v1/admin/create-user', {
      username,
      credits: 5,
      access: username === 'beta' ? POLICY : null,
    })
  const long = { username: LONG_NAME, firstName: LONG_NAME, lastName: LONG_NAME, credits: 2_000_000_000 }
  await json(key, 'POST', '/v1/admin/create-user', { ...long, email: `${LONG_NAME}@shop.example` })
  const gone = await json(key, 'POST', '/v1/admin/create-user', { username: 'gone', credits: 5 })
  await json(gone.apiKey, 'POST', '/v1/query', { dataset: 'transactions', ...QUERIES[0] })
  await json(key, 'DELETE', `/v1/admin/users/${gone.user.id}`)
  const { apiKey } = await json(key, 'POST', '/v1/admin/create-user', {
    ...{ username: 'acme', firstName: 'Ada', lastName: 'Acme', email: 'ada@acme.example', credits: 1000 },
  })
  for (const query of QUERIES) await json(apiKey, 'POST', '/v1/query', { dataset: 'transactions', ...query })
  await dashboard(key)
  await json(key, 'POST', '/v1/admin/webhooks', { url: 'https://acme.example/hooks', events: ['ingestion.succeeded'] })
  await json(key, 'POST', '/v1/admin/plans', { name: 'Starter', credits: 1000, every: 'month' })
  command(key, 'refresh')
  children.push(cli(key, 'generate', 'events', '--interval', '1', '--count', '100000', '--batch', '20'))
  await sleep(4000)
  return apiKey
}

async function dashboard(key) {
  const saved = []
  for (const each of SAVED_QUERIES) saved.push(await json(key, 'POST', '/v1/saved-queries', each))
  const tiles = TILES.map(({ savedQuery, ...tile }) => ({ ...tile, savedQueryId: saved[savedQuery]?.id ?? null }))
  await json(key, 'POST', '/v1/boards', {
    name: 'Sales',
    description: 'By time and place',
    visibility: 'shared',
    tiles,
  })
}

function cli(key, ...args) {
  return spawn(process.execPath, [join(root, 'dist/tools/cli/main.js'), ...args], {
    env: withKey(key),
    stdio: 'ignore',
  })
}

function command(key, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'dist/tools/cli/main.js'), ...args], {
    env: withKey(key),
    stdio: 'inherit',
  })
  // Rejected rows are wanted here, and are a failure to the command.
  if (status !== 0 && args[0] !== 'ingest') throw new Error(`countinghouse ${args.join(' ')} ended with ${status}`)
}

function withKey(key) {
  return { ...process.env, COUNTINGHOUSE_API_KEY: key, COUNTINGHOUSE_URL: url }
}

async function json(key, method, path, body) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'x-api-key': key, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  // Some of the customer's queries are refused on purpose.
  if (!response.ok && path !== '/v1/query') throw new Error(`${method} ${path} got ${response.status}: ${text}`)
  return text ? JSON.parse(text) : undefined
}

function rootKey() {
  let output = ''
  return new Promise((resolve, reject) => {
    server.stdout.on('data', (chunk) => {
      output += chunk
      const key = /ch_[0-9A-Za-z]{43}/.exec(output)?.[0]
      if (key) resolve(key)
    })
    server.once('exit', () => reject(new Error(`the server ended:\n${output}`)))
  })
}

async function ready() {
  for (let attempt = 0; attempt < 200; attempt++, await sleep(100)) {
    if (
      await fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
  }
  throw new Error('the server did not become ready')
}

async function ended(child) {
  if (child.exitCode !== null) return
  const exit = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await exit
}
