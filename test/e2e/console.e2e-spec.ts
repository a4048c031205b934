import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, seriousFaults, signIn, startBrowser, type WatchedPage } from '../support/browser.js'
import { startCli, type CliRun } from '../support/cli.js'
import { sample } from '../support/samples.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'
import { until } from '../support/until.js'
import { verified, WebhookReceiver } from '../support/webhook-receiver.js'

const CREDITS = 2
/** What the browser counts as an error: refused keys, spent credits, deleted users, plans in use, requests that a test breaks. */
const EXPECTED =
  /status of (401|402)|status of 404.*\/v1\/admin\/users\/|status of 409.*\/v1\/admin\/plans\/|net::ERR_FAILED/

const hasChromium = isInstalled('chromium', 'the console')

describe.skipIf(!hasChromium)('the console', () => {
  let server: TestServer
  let browser: Browser
  let operator: WatchedPage
  let customer: WatchedPage
  let key: string
  let generator: CliRun | undefined
  let receiver: WebhookReceiver

  beforeAll(async () => {
    receiver = await WebhookReceiver.start()
    const env = { WEBHOOK_ALLOW_PRIVATE: 'true' }
    ;[server, browser] = await Promise.all([startServer({ env }), startBrowser()])
    operator = await openPage(browser)
    customer = await openPage(browser)
  })
  afterAll(async () => {
    generator?.process.kill('SIGINT')
    await generator?.ended
    await browser?.close()
    await server?.stop()
    await receiver?.stop()
  })

  const open = async ({ page }: WatchedPage, path: string, heading: string): Promise<Page> => {
    await page.goto(`${server.url}/#${path}`)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    return page
  }

  it('lets nobody in without a key, and takes the root key', async () => {
    const { page } = operator
    await page.goto(server.url)
    await page.getByLabel('API key').fill(`ch_${'x'.repeat(43)}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await signIn(page, server.url, server.rootKey)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')
    expect(stored).not.toContain(server.rootKey)
  })

  it('loads a file by its corrected mapping, and shows what was rejected and why', async () => {
    const page = await open(operator, '/data', 'Data')
    await page.getByLabel('File to load').setInputFiles({
      name: 'superstore.csv',
      mimeType: 'text/csv',
      buffer: sample('superstore.csv'),
    })
    await page.getByRole('combobox', { name: 'Source of TransactionId' }).waitFor()
    const country = page.getByRole('combobox', { name: 'Source of Country' })
    await country.selectOption('none')
    await page.getByText('Country needs a source.').waitFor()
    expect(await page.getByRole('button', { name: 'Load the file' }).isDisabled()).toBe(true)
    await country.selectOption('Country')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Load the file' }).click()
    await page.getByText('Loaded', { exact: true }).waitFor()
    for (const [name, figure] of [
      ['Rows read', '10,800'],
      ['Rows accepted', '9,994'],
      ['Rows rejected', '806'],
    ]) {
      expect(await page.getByRole('group', { name }).textContent()).toContain(figure)
    }
    await page.getByRole('table', { name: 'Why each row was rejected' }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the rejected rows' }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
    expect(await seriousFaults(page)).toEqual([])
  })

  it('creates a user and shows the key once', async () => {
    const page = await open(operator, '/users', 'Users')
    await page.getByRole('button', { name: 'Create user' }).click()
    await page.getByRole('textbox', { name: 'Username' }).fill('acme')
    await page.getByRole('textbox', { name: 'Credits', exact: true }).fill(String(CREDITS))
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    key = (await page.getByTestId('secret').textContent())!.trim()
    expect(key).toMatch(/^ch_[0-9A-Za-z]{43}$/)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('heading', { level: 1, name: 'acme' }).waitFor()
    expect(await page.content()).not.toContain(key)
  })

  it('goes anywhere by the keyboard alone', async () => {
    const page = await open(operator, '/data', 'Data')
    await page.keyboard.press('Control+k')
    const search = page.getByRole('dialog', { name: 'Go to' }).getByRole('textbox')
    await search.fill('hook')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
    await page.getByRole('button', { name: 'Go to' }).press('Enter')
    await search.fill('acm')
    await page.getByRole('dialog').getByRole('button', { name: 'acme' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'acme' }).waitFor()
  })

  it('makes a plan, gives it to a user, and limits a key', async () => {
    const { body: planned } = await server.json('POST', '/v1/admin/create-user', { username: 'planned' })
    const page = await open(operator, '/plans', 'Plans')
    await page.getByRole('button', { name: 'Create plan' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Starter')
    await page.getByRole('textbox', { name: 'Credits', exact: true }).fill('40')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await page.getByRole('cell', { name: 'Starter', exact: true }).waitFor()
    await open(operator, `/users/${planned.user.id}`, 'planned')
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('combobox', { name: 'Plan' }).click()
    await page.getByRole('option', { name: 'Starter: 40 a month' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('plan Starter').first().waitFor()
    await page.getByRole('tab', { name: 'Keys' }).click()
    await page.getByRole('button', { name: /^Change the key/ }).click()
    await page.getByRole('menuitem', { name: 'Limits, networks and expiry' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Credit limit' }).fill('25')
    const networks = dialog.getByRole('combobox', { name: 'Networks' })
    await networks.fill('192.0.2.0/24')
    await networks.press('Enter')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('cell', { name: '0 of 25 a month' }).waitFor()
    await page.getByRole('cell', { name: '192.0.2.0/24' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await open(operator, '/plans', 'Plans')
    await page.getByRole('button', { name: 'Delete Starter' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('1 user has this plan').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  it('answers a query of the customer with a table and a chart', async () => {
    await signIn(customer.page, server.url, key)
    const page = await open(customer, '/explore', 'Explore')
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual([
      'Explore',
      'Saved',
      'Dashboards',
      'Endpoints',
      'Account',
      'API documentation',
    ])
    await page.getByRole('button', { name: /^Revenue by category/ }).click()
    await page.getByText('Costs 1 credit').waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('heading', { name: 'Result' }).waitFor()
    await page.getByRole('figure').getByRole('table').first().waitFor({ state: 'attached' })
    await page.locator('canvas').first().waitFor()
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Table', exact: true }).press('Enter')
    expect(await page.getByRole('group', { name: 'Rows of the result' }).textContent()).toContain('836,154.0330')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Examples' }).click()
    await page.getByRole('menuitem', { name: 'Revenue by month' }).waitFor()
    await page.keyboard.press('Escape')
  })

  it('says so when the credits are spent', async () => {
    const execute = (): Promise<Response> =>
      server.fetch('/v1/query', {
        method: 'POST',
        key,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ dataset: 'transactions', measures: ['transactions'] }),
      })
    for (let left = CREDITS - 1; left > 0; left--) expect((await execute()).status).toBe(200)
    const { page } = customer
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByText('Insufficient Credits').first().waitFor()
    await open(customer, '/account/ledger', 'Account')
    await page.getByRole('group', { name: 'Credits left' }).getByText('0').waitFor()
    await page.getByRole('cell', { name: '+2' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
  })

  it('shows customers their usage, plan, keys, requests and statement', async () => {
    const page = await open(customer, '/account/usage', 'Account')
    await page.getByRole('table', { name: 'Usage by key' }).waitFor()
    await page
      .getByRole('table', { name: 'Usage by dataset' })
      .getByRole('row', { name: 'Transactions 2 100%' })
      .waitFor()
    expect(await seriousFaults(page)).toEqual([])
    for (const [tab, shown] of [
      ['Plan and limits', page.getByText('No plan', { exact: true })],
      ['Keys', page.getByRole('table', { name: 'Your keys' })],
      [
        'Requests',
        page
          .getByRole('table', { name: 'Your requests' })
          .getByRole('row', { name: /\/v1\/query/ })
          .first(),
      ],
      ['Statements', page.getByRole('table', { name: 'Charges' }).getByRole('row', { name: 'Transactions — 2 −2' })],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click()
      await shown.waitFor()
      expect(await seriousFaults(page), tab).toEqual([])
    }
  })

  it('creates a webhook, shows its secret once, and what became of a test that is sent twice', async () => {
    const page = await open(operator, '/webhooks', 'Webhooks')
    await page.getByRole('button', { name: 'Create webhook' }).click()
    await page.getByRole('textbox', { name: 'URL' }).fill(receiver.url('/console'))
    await page.getByRole('checkbox', { name: "A user's credits run low" }).check()
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    const secret = (await page.getByTestId('secret').textContent())!.trim()
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('heading', { level: 1, name: 'Webhook', exact: true }).waitFor()
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('button', { name: 'Send test' }).click()
    await page.getByRole('cell', { name: 'delivered' }).waitFor()
    await page.getByRole('button', { name: 'Resend' }).click()
    await until(async () => expect(receiver.at('/console')).toHaveLength(2))
    for (const each of receiver.at('/console')) expect(verified(each, secret).type).toBe('webhook.test')
    expect(await seriousFaults(page)).toEqual([])
  })

  it('creates an endpoint from JSON, tries it out, and shows its URL', async () => {
    const page = await open(operator, '/endpoints', 'Endpoints')
    await page.getByRole('button', { name: 'Create endpoint' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('by-category')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'by-category' }).waitFor()
    await page.getByRole('textbox', { name: 'country' }).fill('Nowhere')
    const url = await page.getByRole('region', { name: 'URL' }).textContent()
    expect(url).toMatch(/\/v1\/endpoints\/by-category\?country=Nowhere$/)
    await page.getByRole('tab', { name: 'Python' }).click()
    expect(await page.getByRole('region', { name: 'The call in Python' }).textContent()).toContain(`"${url}"`)
    await page.getByRole('button', { name: 'Try it' }).click()
    const response = await page.getByRole('region', { name: 'Response' }).textContent()
    expect(JSON.parse(response!).data).toEqual([])
    expect(await seriousFaults(page)).toEqual([])
  })

  it('shows the refused query in the log', async () => {
    const page = await open(operator, '/logs', 'Logs')
    await until(async () => {
      await page.reload()
      await page.getByRole('row', { name: /402/ }).first().waitFor({ timeout: 2_000 })
    })
    expect(await seriousFaults(page)).toEqual([])
    await open(operator, '/logs?status=402', 'Logs')
    await page
      .getByRole('row', { name: /acme POST \/v1\/query/ })
      .first()
      .waitFor()
    // By the keyboard: the time of a line opens it.
    await page.getByRole('row', { name: /402/ }).first().getByRole('button').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('This request costs 1 credit and the balance is 0.').waitFor()
    expect(await page.getByRole('dialog').textContent()).toContain('INSUFFICIENT_CREDITS')
    expect(await seriousFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await open(operator, '/logs?endpoint=/v1/ingestions&console=shown', 'Logs')
    await page
      .getByRole('row', { name: /root key POST \/v1\/ingestions/ })
      .first()
      .waitFor()
  })

  it('says in words what was changed, and what is in force without a secret', async () => {
    const page = await open(operator, '/audit?action=plan.create', 'Audit')
    await page.getByRole('row', { name: /the root key created a plan/ }).click()
    await page.getByRole('dialog').getByText('Starter').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await open(operator, '/settings', 'Settings')
    await page.getByRole('group', { name: 'PostgreSQL' }).getByText('up', { exact: true }).waitFor()
    await page.getByRole('textbox', { name: 'Search' }).fill('allow_private')
    await page.getByRole('row', { name: /WEBHOOK_ALLOW_PRIVATE .* true set here/ }).waitFor()
  })

  it('moves a live chart while events arrive', async () => {
    const page = await open(operator, '/live', 'Live')
    generator = startCli(['generate', 'events', '--interval', '1', '--count', '1000', '--batch', '5'], {
      env: { COUNTINGHOUSE_URL: server.url, COUNTINGHOUSE_API_KEY: server.rootKey },
    })
    const total = page.getByRole('group', { name: 'Total events' })
    await total.waitFor()
    const count = async (): Promise<number> => Number((await total.textContent())!.replace(/\D+/g, ''))
    await until(async () => expect(await count()).toBeGreaterThan(0))
    const seen = await count()
    await until(async () => expect(await count()).toBeGreaterThan(seen))
    await page.locator('canvas').first().waitFor()
    expect(await seriousFaults(page)).toEqual([])
  })

  it.each([
    ['light', { width: 1280, height: 900 }],
    ['dark', { width: 390, height: 844 }],
  ] as const)('has no serious fault on any page in the %s theme at %o', async (theme, viewport) => {
    const { page } = operator
    await page.setViewportSize(viewport)
    await page.evaluate(`localStorage.setItem('mantine-color-scheme-value', '${theme}')`)
    await page.reload()
    for (const name of [
      'Overview',
      'Data',
      'Explore',
      'Saved',
      'Dashboards',
      'Endpoints',
      'Sales',
      'Live',
      'Users',
      'Plans',
      'Webhooks',
      'Shop',
      'Audit',
      'Settings',
      'Logs',
    ]) {
      await open(operator, `/${name.toLowerCase()}`, name)
      expect(await seriousFaults(page), name).toEqual([])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overflow), name).toBeLessThanOrEqual(0)
    }
    // A table that is wider than a phone.
    await open(operator, '/users', 'Users')
    const table = page.getByRole('group', { name: 'Users' })
    await table.waitFor()
    const isCut = viewport.width < 500
    await until(async () => expect(await table.and(page.locator('[data-more-right]')).count()).toBe(isCut ? 1 : 0))
  })

  it('says that the server does not respond, and continues when it does', async () => {
    const page = await open(operator, '/users', 'Users')
    const notice = page.getByText('What is shown may be old.')
    await page.route(/\/(v1|health)\//, (route) => route.abort())
    await page.getByRole('link', { name: 'acme' }).click()
    await notice.waitFor()
    await page.unroute(/\/(v1|health)\//)
    await page.getByRole('heading', { level: 1, name: 'acme' }).waitFor()
    await notice.waitFor({ state: 'hidden' })
  })

  it('tells a customer whose session has ended, and the operator whose lines those were', async () => {
    const { body } = await server.json('GET', '/v1/admin/users?search=acme')
    await server.json('DELETE', `/v1/admin/users/${body.data[0].id}`)
    const ended = customer.page.getByText('Your session has ended')
    await until(async () => {
      // The page may have asked by itself, and says it once.
      if (!(await ended.isVisible())) await customer.page.reload()
      await ended.waitFor({ timeout: 2_000 })
    })
    const page = await open(operator, `/logs?userId=${body.data[0].id}`, 'Logs')
    await page
      .getByRole('cell', { name: /^deleted user …[0-9a-f]{8}$/ })
      .first()
      .waitFor()
  })

  it('lets one sign out, for good', async () => {
    const { page } = operator
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    await page.goto(`${server.url}/#/users`)
    await page.reload()
    await page.getByLabel('API key').waitFor()
  })

  it('broke no rule of its own Content-Security-Policy, and no script of it failed', () => {
    const complaints = [...operator.complaints, ...customer.complaints].filter((text) => !EXPECTED.test(text))
    expect(complaints).toEqual([])
  })
})
