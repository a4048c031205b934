import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, seriousFaults, signIn, startBrowser, type WatchedPage } from '../support/browser.js'
import { button, enterValue, openPart, type Part } from '../support/console.js'
import { CONSUMER_SALES } from '../support/consumer-sales.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'

const hasChromium = isInstalled('chromium', 'the console')
/** Changes that the server refuses, on purpose. */
// What the page of a dataset asks while that is dropped is 404.
const EXPECTED = /status of 40[04].*\/v1\/admin\/datasets/
const NAME = 'shop_orders'

const DECLARATION = {
  name: NAME,
  columns: [
    { name: 'row_id', type: 'integer', required: true },
    { name: 'order_date', type: 'date' },
    { name: 'segment', type: 'text' },
    { name: 'sales', type: 'decimal', scale: 2 },
  ],
  key: ['row_id'],
  measures: [{ name: 'largest_sale', type: 'max', column: 'sales' }, CONSUMER_SALES],
  price: { query: 2, export: 3 },
}

describe.skipIf(!hasChromium)('the page of a dataset in the console', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-sources-'))
  let server: TestServer
  let browser: Browser
  let operator: WatchedPage

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer({ env: { SOURCES_DIR: folder } }), startBrowser()])
    expect((await server.json('POST', '/v1/admin/datasets', DECLARATION)).status).toBe(201)
    fill(join(folder, 'exports'))
    const { body } = await server.json('POST', '/v1/admin/create-user', { username: 'clerk', role: 'admin' })
    operator = await openPage(browser)
    await signIn(operator.page, server.url, body.apiKey)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = (path: string, part: Part): Promise<Page> => openPart(operator.page, server.url, path, part)

  it('changes the title and the measures, and says what is wrong with one', async () => {
    const page = await open(`/data/datasets/${NAME}`, button('Save'))
    await page.getByLabel('Title', { exact: true }).fill('Orders of the shop')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Orders of the shop' }).waitFor()
    await page.getByRole('button', { name: 'Edit the measures' }).click()
    const largest = page.getByRole('group', { name: 'Measure largest_sale' })
    await largest.getByLabel('Name').fill('sales')
    await page.getByRole('button', { name: 'Save the measures' }).click()
    await page.getByText('"sales" is a column; choose another name').waitFor()
    await page.getByRole('group', { name: 'Measure sales' }).getByLabel('Name').fill('best_sale')
    await page.getByRole('button', { name: 'Save the measures' }).click()
    await page.getByRole('table', { name: 'Measures' }).getByText('best_sale').waitFor()
    expect(await seriousFaults(page)).toEqual([])
  })

  it('says what is wrong with a filter beside it, and keeps the filters that are right', async () => {
    const page = await open(`/data/datasets/${NAME}`, button('Edit the measures'))
    await page.getByRole('button', { name: 'Edit the measures' }).click()
    const measure = page.getByRole('group', { name: 'Measure consumer_sales' })
    await measure.getByRole('button', { name: /^Filters and description/ }).click()
    const large = measure.getByRole('group', { name: 'Filter 2.1', exact: true })
    await large.getByLabel('Values of filter 2.1').press('Backspace')
    await enterValue(large, 'filter 2.1', 'much')
    await page.getByRole('button', { name: 'Save the measures' }).click()
    await large.getByText(/number/).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await large.getByLabel('Values of filter 2.1').press('Backspace')
    await enterValue(large, 'filter 2.1', '900')
    await measure.getByRole('button', { name: 'Remove filter 2.2' }).click()
    await page.getByRole('button', { name: 'Save the measures' }).click()
    const row = page.getByRole('row', { name: /consumer_sales/ })
    await row.getByText('sum of sales where segment is Consumer, and (sales is greater than 900)').waitFor()
    const { body } = await server.json('GET', `/v1/admin/datasets/${NAME}`)
    expect(body.measures.find(({ name }: { name: string }) => name === 'consumer_sales')).toEqual({
      ...CONSUMER_SALES,
      filters: [CONSUMER_SALES.filters[0], { or: [{ member: 'sales', operator: 'gt', values: ['900'] }] }],
    })
  })

  it('changes the price, says what is wrong with one, and takes it away again', async () => {
    const page = await open(`/data/datasets/${NAME}`, button('Edit the price'))
    const price = page.getByRole('region', { name: 'Price' })
    expect(await price.textContent()).toContain('A query 2 credits · an export 3 credits')
    await button('Edit the price')(page).click()
    await price.getByLabel('Each million rows read').fill('2000000')
    await button('Save the price')(page).click()
    await price.getByText('Must not be greater than 1000000').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await price.getByLabel('Each million rows read').fill('4')
    await price.getByLabel('An export').fill('')
    await button('Save the price')(page).click()
    await price.getByText('an export the default · each million rows that it reads 4 credits more').waitFor()
    const stored = async () => (await server.json('GET', `/v1/admin/datasets/${NAME}`)).body.price
    expect(await stored()).toEqual({ query: 2, perMillionRows: 4 })
    await button('Edit the price')(page).click()
    for (const field of ['A query', 'Each million rows read']) await price.getByLabel(field).fill('')
    await button('Save the price')(page).click()
    await price.getByText('A query the default · an export the default').waitFor()
    expect(await stored()).toBeNull()
  })

  it('adds a source, says what is wrong with one, looks at it at once, pauses and deletes it', async () => {
    const page = await open(`/data/datasets/${NAME}`, button('Add a source'))
    const sources = page.getByRole('region', { name: 'Sources' })
    await sources.getByText('None: files come by upload only.').waitFor()
    await button('Add a source')(page).click()
    await sources.getByLabel('URLs').fill('https://example.com/a.csv\nnowhere')
    await button('Add the source')(page).click()
    await sources.getByText('Line 2 must be a URL with http or https').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await sources.getByLabel('Type').selectOption('folder')
    await sources.getByLabel('Folder', { exact: true }).fill('exports')
    await sources.getByLabel('Names of files').fill('*.csv')
    await sources.getByLabel('Schedule').fill('0 0 1 1 *')
    await sources.getByLabel('Name', { exact: true }).fill('Exports')
    await button('Add the source')(page).click()
    await sources.getByRole('button', { name: 'Look now at Exports' }).click()
    const rows = async () => (await server.json('GET', `/v1/datasets/${NAME}`)).body.rowCount
    await expect.poll(rows).toBe(1)
    await sources.getByRole('button', { name: 'Pause Exports' }).click()
    await sources.getByText('paused').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await sources.getByRole('button', { name: 'Delete Exports' }).click()
    await button('Delete the source')(page).click()
    await sources.getByText('None: files come by upload only.').waitFor()
  })

  it('lets a viewer look at datasets, and change nothing', async () => {
    const { body } = await server.json('POST', '/v1/admin/create-user', { username: 'eyes', role: 'viewer' })
    const viewer = await openPage(browser)
    await signIn(viewer.page, server.url, body.apiKey)
    await viewer.page.goto(`${server.url}/#/data/datasets/${NAME}`)
    await viewer.page.getByRole('table', { name: 'Columns' }).waitFor()
    expect(await viewer.page.getByRole('button', { name: /Add columns|Edit|Drop/ }).count()).toBe(0)
    await viewer.page.goto(`${server.url}/#/data`)
    await viewer.page.getByRole('table', { name: 'Datasets' }).waitFor()
    expect(await viewer.page.getByRole('link', { name: 'New dataset' }).count()).toBe(0)
    expect(viewer.complaints).toEqual([])
  })

  it('drops a dataset once its name is typed', async () => {
    const page = await open(`/data/datasets/${NAME}`, button('Drop this dataset'))
    await page.getByRole('button', { name: 'Drop this dataset' }).click()
    const confirm = page.getByRole('button', { name: 'Drop the dataset' })
    await page.getByLabel('Type shop_orders to confirm').fill('shop_order')
    expect(await confirm.isDisabled()).toBe(true)
    expect(await seriousFaults(page)).toEqual([])
    await page.getByLabel('Type shop_orders to confirm').fill('shop_orders')
    await confirm.click()
    await page.getByRole('heading', { level: 1, name: 'Data', exact: true }).waitFor()
    expect((await server.json('GET', '/v1/datasets/shop_orders')).status).toBe(404)
  })

  it('broke no rule of its own Content-Security-Policy, and no script of it failed', () => {
    expect(operator.complaints.filter((text) => !EXPECTED.test(text))).toEqual([])
  })
})

/** A file that nobody has written to for an hour. */
function fill(exports: string): void {
  const file = join(exports, 'orders.csv')
  const anHourAgo = new Date(Date.now() - 3_600_000)
  mkdirSync(exports)
  writeFileSync(file, 'row_id,order_date,segment,sales\n1,2025-01-31,Consumer,9.50\n')
  utimesSync(file, anHourAgo, anHourAgo)
}
