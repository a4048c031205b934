import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { button, enterValue, openPart, table, titled, type Part } from '../support/console.js'
import { CONSUMER_SALES } from '../support/consumer-sales.js'
import { openPage, seriousFaults, signIn, startBrowser, type WatchedPage } from '../support/browser.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'

const hasChromium = isInstalled('chromium', 'the console')
/** A declaration that the server refuses, on purpose. */
const EXPECTED = /status of 400.*\/v1\/admin\/datasets/
const NAME = 'shop_orders'

/** A shop's orders as an office in Germany writes them: semicolons, decimal commas, days first. */
const ORDERS = [
  'Row ID;Order ID;Order Date;Segment;Country;Postal Code;Sales;Quantity;Discount;Returned;Internal Note',
  '1;DE-1;08.11.2024;Consumer;Germany;10115;1.261,96;2;0,00;yes;first order',
  '2;DE-1;08.11.2024;Consumer;Germany;10115;731,94;3;0,10;no;',
  '3;FR-2;25.12.2024;Corporate;France;75001;14,62;2;0,20;no;a gift',
  '4;ES-3;31.01.2025;Consumer;Spain;28001;957,58;5;0,45;yes;',
  '',
].join('\n')

const MORE = [
  'Row ID;Order ID;Order Date;Segment;Country;Postal Code;Sales;Quantity;Discount;Returned;Colour;Size',
  '5;PT-4;02.02.2025;Consumer;Portugal;01067;abc;1;0,00;no;red;9',
  '6;PT-5;03.02.2025;Consumer;Portugal;01067;xyz;1;0,00;no;red;9',
  '7;PT-6;04.02.2025;Consumer;Portugal;01067;10,50;1;0,00;no;red;9',
  '',
].join('\n')

const PAGES: [path: string, part: Part][] = [
  ['/data/new', button('Declare it without a file')],
  [`/data/datasets/${NAME}?add=columns`, (page) => page.getByLabel('Name of column 1')],
  ['/data/datasets/transactions', table('Measures')],
  ['/data', table('Datasets')],
]

describe.skipIf(!hasChromium)('datasets in the console', () => {
  let server: TestServer
  let browser: Browser
  let operator: WatchedPage

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), startBrowser()])
    const { body } = await server.json('POST', '/v1/admin/create-user', {
      username: 'clerk',
      role: 'admin',
      credits: 50,
    })
    operator = await openPage(browser)
    await signIn(operator.page, server.url, body.apiKey)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const open = (path: string, part: Part): Promise<Page> => openPart(operator.page, server.url, path, part)
  const choose = (page: Page, name: string, text: string): Promise<void> =>
    page.getByLabel('File to load').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  const next = (page: Page, step: string): Promise<void> =>
    page.getByRole('button', { name: `Go on to the ${step}` }).click()

  const addFilteredMeasure = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Add a measure' }).click()
    const measure = page.getByRole('group', { name: /^Measure / }).last()
    await measure.getByLabel('What it is').selectOption('sum')
    await measure.getByLabel('Column').selectOption({ label: 'sales' })
    await measure.getByLabel('Name').fill(CONSUMER_SALES.name)
    await measure.getByRole('button', { name: /^Filters and description/ }).click()
    await measure.getByRole('textbox', { name: 'Description' }).fill(CONSUMER_SALES.description)
    await measure.getByRole('button', { name: 'Add a filter', exact: true }).click()
    await measure.getByLabel('Member of filter 1').selectOption({ label: 'segment' })
    await enterValue(measure, 'filter 1', 'Consumer')
    await measure.getByRole('button', { name: 'Add a group', exact: true }).click()
    await measure.getByLabel('Member of filter 2.1').selectOption({ label: 'sales' })
    await measure.getByLabel('Operator of filter 2.1').selectOption('gt')
    await enterValue(measure, 'filter 2.1', '1000')
    await measure.getByRole('button', { name: 'Add a filter to filter 2' }).click()
    await measure.getByLabel('Member of filter 2.2').selectOption({ label: 'order_date' })
    await measure.getByLabel('Range of filter 2.2: first day').fill('2025-01-01')
    await measure.getByLabel('Range of filter 2.2: last day').fill('2025-12-31')
  }

  it('finds the columns of a file, with what it is unsure of beside the column', async () => {
    const page = await open('/data', titled('Data'))
    await page.getByRole('link', { name: 'New dataset' }).click()
    // The page before takes a file as well.
    await titled('New dataset')(page).waitFor()
    await choose(page, 'Shop Orders.csv', ORDERS)
    await page.getByRole('group', { name: 'Column Order Date' }).waitFor()
    expect(await page.getByLabel('Dataset name').inputValue()).toBe(NAME)
    expect(await page.getByLabel('Type of Order Date').inputValue()).toBe('date')
    expect(await page.getByRole('combobox', { name: 'Format of Order Date' }).inputValue()).toMatch(
      /^D{1,2}\.M{1,2}\.YYYY$/,
    )
    expect(await page.getByLabel('Type of Sales').inputValue()).toBe('decimal')
    expect(await page.getByLabel('Type of Returned').inputValue()).toBe('boolean')
    expect(await page.getByLabel('Row ID is in the key').isChecked()).toBe(true)
    expect(await page.getByRole('group', { name: 'Column Sales' }).textContent()).toContain('1.261,96')
    expect(await seriousFaults(page)).toEqual([])
  })

  it('shows what the server refuses beside its field, and keeps what was corrected', async () => {
    const { page } = operator
    await page.getByLabel('Type of Quantity').selectOption('decimal')
    await page.getByLabel('Decimals of Quantity').fill('2')
    await page.getByLabel('Include Internal Note').uncheck()
    await page.getByLabel('Name of Postal Code').fill('Postal Code')
    await page.getByRole('button', { name: 'Describe Order Date' }).click()
    await page.getByLabel('Title of Order Date').fill('Day')
    await page.getByRole('textbox', { name: 'Description of Order Date' }).fill('The day of the order')
    await next(page, 'measures')
    expect(await seriousFaults(page)).toEqual([])
    expect(await page.getByLabel('Decimal separator').inputValue()).toBe(',')
    await next(page, 'review')
    await page.getByRole('button', { name: 'Declare and load the file' }).click()
    await page.getByText('One field has to be corrected').waitFor()
    const postalCode = page.getByRole('group', { name: 'Column Postal Code' })
    expect(await postalCode.textContent()).toContain('Must begin with a letter a to z')
    expect(await seriousFaults(page)).toEqual([])
    expect(await page.getByLabel('Type of Quantity').inputValue()).toBe('decimal')
    await page.getByLabel('Name of Postal Code').fill('postal_code')
    expect(await page.getByText('One field has to be corrected').count()).toBe(0)
    await next(page, 'measures')
    await page.goBack()
    expect(await page.getByLabel('Name of Postal Code').inputValue()).toBe('postal_code')
    expect(await page.getByLabel('Include Internal Note').isChecked()).toBe(false)
    await next(page, 'measures')
  })

  it('takes other measures, one of some rows only, and a price, and shows the declaration to copy', async () => {
    const { page } = operator
    await page.getByRole('button', { name: 'Add a measure' }).click()
    const last = page.getByRole('group', { name: /^Measure / }).last()
    await last.getByLabel('What it is').selectOption('max')
    await last.getByLabel('Column').selectOption({ label: 'sales' })
    await last.getByLabel('Name').fill('largest_sale')
    await addFilteredMeasure(page)
    await page.getByLabel('A query').fill('2')
    await page.getByLabel('An export').fill('3')
    expect(await seriousFaults(page)).toEqual([])
    await next(page, 'review')
    expect(await page.getByRole('table', { name: 'Measures' }).textContent()).toContain('largest_sale')
    await page.getByRole('tab', { name: 'JSON' }).click()
    const json = await page.getByRole('region', { name: 'The declaration as JSON' }).textContent()
    const declaration = JSON.parse(json!)
    expect(declaration).toMatchObject({ name: NAME, key: ['row_id'], timeDimension: 'order_date' })
    expect(declaration.columns.find(({ name }: { name: string }) => name === 'quantity')).toMatchObject({
      ...{ type: 'decimal', scale: 2, source: 'Quantity' },
    })
    expect(declaration.columns.map(({ source }: { source: string }) => source)).not.toContain('Internal Note')
    expect(declaration.measures).toContainEqual({ name: 'largest_sale', type: 'max', column: 'sales' })
    expect(declaration.measures).toContainEqual(CONSUMER_SALES)
    expect(declaration.price).toEqual({ query: 2, export: 3 })
    expect(declaration.columns.find(({ name }: { name: string }) => name === 'order_date')).toMatchObject({
      ...{ title: 'Day', description: 'The day of the order' },
    })
    await page.getByRole('tab', { name: 'curl' }).click()
    const curl = page.getByRole('region', { name: 'The declaration as a curl command' })
    expect(await curl.textContent()).toContain('/v1/admin/datasets --json')
    expect(await seriousFaults(page)).toEqual([])
  })

  it('declares the dataset, loads the file and opens it in Explore', async () => {
    const { page } = operator
    await page.getByRole('button', { name: 'Declare and load the file' }).click()
    await page.getByText(`${NAME} is declared`).waitFor()
    await page.getByRole('link', { name: 'See the load' }).waitFor()
    expect(await page.getByRole('group', { name: 'Rows accepted' }).textContent()).toContain('4')
    expect(await page.getByRole('group', { name: 'Rows rejected' }).textContent()).toContain('0')
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('link', { name: 'Ask it' }).click()
    await page.getByRole('heading', { level: 1, name: 'Explore' }).waitFor()
    expect(await page.getByLabel('Dataset').inputValue()).toBe(NAME)
    expect(await page.getByLabel('Time', { exact: true }).inputValue()).toBe('order_date')
  })

  it('asks it, with a filter on a yes or no', async () => {
    const { page } = operator
    await page.getByRole('button', { name: 'Total sales by Segment' }).click()
    await page.getByRole('button', { name: 'Add a filter' }).click()
    await page.getByLabel('Member of filter 1').selectOption('returned')
    await page.getByLabel('Values of filter 1').selectOption('true')
    await page.getByText('Costs 2 credits').waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Table', exact: true }).press('Enter')
    const rows = page.getByRole('group', { name: 'Rows of the result' })
    await rows.waitFor()
    expect(await rows.getByRole('row').allTextContents()).toEqual([
      expect.stringMatching(/^Segment\s*Total sales\s*$/),
      expect.stringMatching(/^Consumer2,219\.540*$/),
    ])
    const json = await page.getByRole('region', { name: 'The query as JSON' }).textContent()
    expect(JSON.parse(json!)).toMatchObject({ dataset: NAME, filters: [{ member: 'returned', values: [true] }] })
    await page.getByRole('button', { name: 'Examples' }).click()
    await page.getByRole('menuitem', { name: 'The latest rows' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('cell', { name: '2025-01-31' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
  })

  it('computes the measure of the rows that its filters let through, at the price of the dataset', async () => {
    const query = { dataset: NAME, measures: [CONSUMER_SALES.name, 'total_sales', 'rows'] }
    const { body } = await server.json('POST', '/v1/query', query)
    expect(body.data).toEqual([{ consumer_sales: 2219.54, total_sales: 2966.1, rows: 4 }])
    expect((await server.json('POST', '/v1/query/dry-run', query)).body).toMatchObject({ costCredits: 2 })
  })

  it('says which columns of the next file go nowhere, and adds one for them', async () => {
    const page = await open(`/data?dataset=${NAME}`, titled('Data'))
    await choose(page, 'more.csv', MORE)
    const unloaded = page.getByRole('note', { name: 'Columns that are not loaded' })
    await unloaded.waitFor()
    expect(await unloaded.textContent()).toContain('Not loaded: Colour, Size')
    expect(await page.getByRole('button', { name: /^Options/ }).textContent()).toContain('Decimal separator: comma')
    await page.getByRole('button', { name: /^Options/ }).click()
    await page.getByRole('combobox', { name: 'Words for no value' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await unloaded.getByRole('link', { name: /add columns/ }).click()
    await page.getByLabel('Name of colour').waitFor()
    const add = page.getByRole('group', { name: 'Columns' }).first()
    await add.getByRole('group', { name: 'Column size' }).getByRole('button', { name: 'Remove size' }).click()
    await page.getByRole('button', { name: 'Add the column' }).click()
    await page.getByRole('table', { name: 'Columns' }).getByText('colour', { exact: true }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
  })

  it('loads it, and sums up why rows were rejected', async () => {
    const page = await open(`/data?dataset=${NAME}`, titled('Data'))
    await choose(page, 'more.csv', MORE)
    await page.getByText('Not loaded: Size').waitFor()
    await page.getByRole('button', { name: 'Load the file' }).click()
    const reasons = page.getByRole('table', { name: 'Reasons for rejected rows' })
    await reasons.waitFor()
    const [, reason] = await reasons.getByRole('row').allTextContents()
    expect(reason).toMatch(/^2sales.*decimal.*abc.*xyz/)
    await page.getByRole('table', { name: 'Why each row was rejected' }).waitFor()
    const warnings = page.getByRole('alert').filter({ hasText: 'please look at this' })
    expect(await warnings.textContent()).toMatch(
      /takes these of the file: Size\..*under “Column mapping”, or add columns/,
    )
    await warnings.getByRole('link', { name: `Add columns for them to ${NAME}` }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
  })

  it.each([
    ['light', { width: 1280, height: 900 }],
    ['dark', { width: 390, height: 844 }],
  ] as const)('has no serious fault in the %s theme at %o', async (theme, viewport) => {
    const { page } = operator
    await page.setViewportSize(viewport)
    await page.evaluate(`localStorage.setItem('mantine-color-scheme-value', '${theme}')`)
    await page.reload()
    for (const [path, part] of PAGES) {
      await open(path, part)
      expect(await seriousFaults(page), path).toEqual([])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overflow), path).toBeLessThanOrEqual(0)
    }
  })

  it('declares a dataset without a file', async () => {
    const page = await open('/data/new', titled('New dataset'))
    await page.getByRole('button', { name: 'Declare it without a file' }).click()
    await page.getByLabel('Dataset name').fill('readings')
    await page.getByLabel('Name of column 1').fill('meter')
    await next(page, 'measures')
    await next(page, 'review')
    await page.getByRole('button', { name: 'Declare the dataset' }).click()
    await page.getByText('readings is declared').waitFor()
    expect((await server.json('GET', '/v1/datasets/readings')).body).toMatchObject({ rowCount: 0 })
  })

  it('broke no rule of its own Content-Security-Policy, and no script of it failed', () => {
    expect(operator.complaints.filter((text) => !EXPECTED.test(text))).toEqual([])
  })
})
