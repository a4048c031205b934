import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, seriousFaults, signIn, startBrowser, type WatchedPage } from '../support/browser.js'
import { button, openPart, table, titled } from '../support/console.js'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

const ROWS = `TransactionId,TransactionDate,Country,ProductId,Category,Quantity,TotalPrice
1,2014-01-05,France,P1,Technology,1,10.10
2,2014-02-06,France,P1,Technology,2,20.20
3,2014-05-07,Spain,P2,Furniture,3,0.05
`
const BY_QUARTER = {
  measures: ['revenue', 'average_order_value'],
  dimensions: ['category'],
  timeDimension: { dimension: 'transaction_date', granularity: 'quarter' },
}
const BY_YEARS = {
  measures: ['revenue'],
  timeDimension: {
    dimension: 'transaction_date',
    compareDateRange: [
      ['2014-04-01', '2014-06-30'],
      ['2014-01-01', '2014-03-31'],
    ],
  },
}
/** Of a user who may query nothing that is on the dashboard. */
const EVENTS_ONLY = { datasets: { events: {} }, endpoints: [], dashboards: false }
/** What the browser counts as an error: a dashboard that is not there for somebody. */
const EXPECTED = /status of 404.*\/v1\/boards\//

describe.skipIf(!isInstalled('chromium', 'the console'))('Explore, saved queries and dashboards', () => {
  let server: TestServer
  let browser: Browser
  let operator: WatchedPage
  let customer: WatchedPage

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), startBrowser()])
    await upload(server, ROWS, { format: 'csv' })
    operator = await openPage(browser)
    customer = await openPage(browser, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    const { key } = await Customer.create(server, 20)
    await Promise.all([signIn(operator.page, server.url, server.rootKey), signIn(customer.page, server.url, key)])
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const open = async ({ page }: WatchedPage, query: object): Promise<Page> => {
    const text = encodeURIComponent(JSON.stringify({ dataset: 'transactions', ...query }))
    return openPart(page, server.url, `/explore?q=${text}`, titled('Explore'))
  }
  const run = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Run', exact: true, disabled: false }).waitFor()
    await page.keyboard.press('Control+Enter')
    await button('Run again')(page).waitFor()
  }

  it.each([
    ['on a wide page in light', () => operator],
    ['on a phone in dark', () => customer],
  ])(
    'sums up in a pivot what adds up, asks for other totals, drills and goes back, by keys alone, %s',
    async (_, who) => {
      const page = await open(who(), BY_QUARTER)
      await run(page)
      await button('Pivot')(page).press('Enter')
      const pivot = table('Pivot of the result')(page)
      await pivot.getByRole('columnheader', { name: '2014 Q2' }).waitFor()
      const total = pivot.getByRole('row', { name: /^Total/ })
      await until(async () => expect(await total.textContent()).toBe('Total30.300.0530.35'))
      await page.getByRole('button', { name: /^Ask for these totals: 3 queries/ }).press('Enter')
      await until(async () => expect(await total.textContent()).toContain('10.12'))
      expect(await seriousFaults(page)).toEqual([])
      await pivot
        .getByRole('button', { name: /Drill into Technology, 2014 Q1$/ })
        .first()
        .press('Enter')
      await page.getByRole('dialog').getByRole('button', { name: 'See the rows' }).press('Enter')
      await run(page)
      const rows = table('Rows of the result')(page)
      await rows.getByRole('columnheader', { name: 'Transaction date' }).getByRole('button').press('Enter')
      await rows.locator('th[aria-sort=ascending]').waitFor()
      expect(await rows.getByRole('row').count()).toBe(3)
      await page.keyboard.press('Control+z')
      await pivot.waitFor()
    },
  )

  it('says what the data has instead of an empty result, and takes both ways to it', async () => {
    const page = await open(operator, {
      ...{ measures: ['revenue'], dimensions: ['category'] },
      timeDimension: { dimension: 'transaction_date', dateRange: ['2030-01-01', '2030-12-31'] },
      filters: [{ member: 'category', operator: 'equals', values: ['Furnitur'] }],
    })
    await run(page)
    await page.getByText('Transaction date goes from 2014-01-05 to 2014-05-07.').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await button('Use this range')(page).click()
    await button('Use Furniture')(page).click()
    await run(page)
    await page.getByRole('figure').waitFor()
  })

  it('saves a query, puts two on a dashboard with a text, and lays them out by keys alone', async () => {
    await server.json('POST', '/v1/saved-queries', {
      ...{ name: 'Quarters compared', visibility: 'shared', view: { type: 'figure' } },
      query: { dataset: 'transactions', ...BY_YEARS },
    })
    const page = await open(operator, BY_QUARTER)
    await button('Pivot')(page).press('Enter')
    await button('Save')(page).press('Enter')
    await page.getByRole('menuitem', { name: 'Save as new query' }).press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Categories by quarter')
    await dialog.getByRole('textbox', { name: 'Name' }).press('Enter')
    await page.getByText('Saved as Categories by quarter.').waitFor()

    await openPart(page, server.url, '/dashboards/new', titled('New dashboard'))
    await page.getByRole('textbox', { name: 'Name' }).fill('Quarterly')
    await page.getByRole('switch', { name: 'Shared' }).press('Space')
    await button('Add text')(page).press('Enter')
    await page.getByRole('textbox', { name: 'Text' }).fill('Sales of the first half of 2014')
    for (const name of ['Quarters compared', 'Categories by quarter']) {
      await button('Add saved query')(page).press('Enter')
      await dialog.getByRole('button', { name }).press('Enter')
    }
    await page.getByText('These saved queries are private: Categories by quarter.').waitFor()
    await button('Share them as well')(page).press('Enter')
    const tile = page.getByRole('article', { name: 'Categories by quarter' })
    const before = await tile.boundingBox()
    const handle = button('Move Categories by quarter')(page)
    await handle.press('Shift+ArrowDown')
    await handle.press('Shift+ArrowRight')
    await handle.press('ArrowUp')
    await until(async () => {
      const after = await tile.boundingBox()
      expect(after!.height).toBeGreaterThan(before!.height)
      expect(after!.y).toBeLessThan(before!.y)
    })
    expect(await seriousFaults(page)).toEqual([])
    await button('Save')(page).press('Enter')
    await titled('Quarterly')(page).waitFor()
    await table('Pivot of the result')(page).waitFor()
  })

  it('shows the dashboard by its link to another user for credits, and says so to one without access', async () => {
    const link = operator.page.url().replace(`${server.url}/#`, '')
    const { page } = customer
    await openPart(page, server.url, link, titled('Quarterly'))
    await page.getByText(/^All tiles cost 2 credits; you have \d+ credits\.$/).waitFor()
    await button('Load')(page).press('Enter')
    await table('Pivot of the result')(page).waitFor()
    await page.getByText('Sales of the first half of 2014').waitFor()
    const figure = page.getByRole('article', { name: 'Quarters compared' })
    await figure.getByText('-99.8%').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    expect(await page.getByRole('link', { name: 'Edit' }).count()).toBe(0)

    const outsider = await openPage(browser)
    await signIn(outsider.page, server.url, (await Customer.create(server, 1, { access: EVENTS_ONLY })).key)
    await openPart(outsider.page, server.url, link, titled('Dashboard'))
    await outsider.page.getByText('This dashboard is not available to you').waitFor()
    const complaints = [operator, customer, outsider].flatMap((each) => each.complaints)
    expect(complaints.filter((text) => !EXPECTED.test(text))).toEqual([])
  })
})
