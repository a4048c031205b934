import type { Locator, Page } from 'playwright-core'

export type Part = (page: Page) => Locator

export const titled =
  (name: string) =>
  (page: Page): Locator =>
    page.getByRole('heading', { level: 1, name, exact: true })
export const button =
  (name: string) =>
  (page: Page): Locator =>
    page.getByRole('button', { name, exact: true })
export const table =
  (name: string) =>
  (page: Page): Locator =>
    page.getByRole('table', { name })

/** Only the part behind the # changes: the page before stays until the new one, which has `part`, is there. */
export async function openPart(page: Page, url: string, path: string, part: Part): Promise<Page> {
  await page.goto(`${url}/#${path}`)
  await part(page).waitFor()
  return page
}

/** A value of a filter, as a tag. */
export async function enterValue(within: Locator, filter: string, value: string): Promise<void> {
  await within.getByLabel(`Values of ${filter}`).fill(value)
  await within.getByLabel(`Values of ${filter}`).press('Enter')
}
