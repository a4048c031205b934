import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, seriousFaults, signIn, startBrowser } from '../support/browser.js'
import { Customer } from '../support/customer.js'
import { sample, SUPERSTORE_MAPPING } from '../support/samples.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'
import { upload } from '../support/upload.js'

const FILTERS = [{ member: 'country', operator: 'equals', values: ['United States'] }]
const ENDPOINT = {
  title: 'Sales of a country',
  query: {
    dataset: 'transactions',
    measures: ['revenue'],
    filters: [{ member: 'country', operator: 'equals', values: [{ param: 'country' }] }],
  },
  parameters: [{ name: 'country', type: 'text' }],
}

describe.skipIf(!isInstalled('chromium', 'the console'))('access policies in the console', () => {
  let server: TestServer
  let browser: Browser
  let page: Page
  let user: Customer

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), startBrowser()])
    await upload(server, sample('superstore.csv'), { format: 'csv', mapping: SUPERSTORE_MAPPING })
    await server.json('PUT', '/v1/admin/endpoints/country-sales', ENDPOINT)
    user = await Customer.create(server, 10)
    page = (await openPage(browser)).page
    await signIn(page, server.url, server.rootKey)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const accessOf = async () => (await server.json('GET', `/v1/admin/users/${user.id}`)).body.access

  it('limit a user to datasets, members and rows, and are taken back', async () => {
    await page.goto(`${server.url}/#/users/${user.id}/settings`)
    const section = page.getByRole('region', { name: 'Data' })
    await section.getByRole('switch', { name: 'Limit what this user may see' }).click()
    await choose('Datasets', 'Transactions')
    await section.getByRole('checkbox', { name: 'All columns and measures' }).click()
    await choose('Columns and measures of Transactions', 'Country', 'Revenue')
    await section.getByRole('button', { name: 'Add a filter' }).click()
    await section.getByLabel('Member of filter 1').selectOption('Country')
    const save = section.getByRole('button', { name: 'Save access' })
    await save.click()
    await section.getByRole('alert').waitFor()
    await section.getByRole('combobox', { name: 'Values of filter 1' }).click()
    await page.getByRole('option', { name: 'United States' }).click()
    await section.getByText('Country and Revenue of Transactions where Country is United States, but').waitFor()
    await choose('Endpoints', 'Sales of a country (country-sales)')
    expect(await seriousFaults(page)).toEqual([])
    await save.click()
    await section.getByText('Saved').waitFor()
    const datasets = { transactions: { members: ['country', 'revenue'], filters: FILTERS } }
    expect(await accessOf()).toEqual({ datasets, endpoints: ['country-sales'], dashboards: false })

    await page.reload()
    await section.getByRole('group', { name: 'Rows of Transactions' }).waitFor()
    await section.getByRole('switch', { name: 'Limit what this user may see' }).click()
    await save.click()
    await section.getByText('Saved').waitFor()
    expect(await accessOf()).toBeNull()
  })

  it('limit a key', async () => {
    await page.goto(`${server.url}/#/users/${user.id}/keys`)
    await page.getByRole('cell', { name: 'as the user' }).first().waitFor()
    await page.getByRole('button', { name: /Change the key/ }).click()
    await page.getByRole('menuitem', { name: 'Limit data' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('switch', { name: 'Limit what this key may see' }).click()
    await dialog.getByRole('switch', { name: 'Dashboards and live streams' }).click()
    await dialog.getByRole('button', { name: 'Save access' }).click()
    await page.getByRole('cell', { name: 'dashboards', exact: true }).waitFor()
    const [key] = (await server.json('GET', `/v1/admin/users/${user.id}/keys`)).body.data
    expect(key.access).toEqual({ datasets: {}, endpoints: [], dashboards: true })
  })

  async function choose(label: string, ...options: string[]): Promise<void> {
    const input = page.getByRole('combobox', { name: label, exact: true })
    await input.click()
    for (const name of options) await page.getByRole('option', { name, exact: true }).click()
    await input.press('Escape')
  }
})
