import { describe, expect, it } from 'vitest'
import { columnNames, datasetName, isDeclarable, snakeCase, sourceOf, titleOf } from './names.js'

describe('A column name', () => {
  it.each([
    ['Order ID', 'order_id'],
    ['TransactionId', 'transaction_id'],
    ['HTTPStatusCode', 'http_status_code'],
    ['Größe (cm)', 'grosse_cm'],
    ['Prénom / Nom', 'prenom_nom'],
    ['Łódź Øre', 'lodz_ore'],
    ['% of total', 'percent_of_total'],
    ["Driver's age", 'drivers_age'],
    ['__a--b__', 'a_b'],
  ])('of the header %j is %s', (header, name) => {
    expect(snakeCase(header)).toBe(name)
  })

  it('is valid, unique and none that every dataset has', () => {
    const names = columnNames(['rows', 'Rows', '2019', '価格', '', 'a b', 'a-b', 'x'.repeat(80), 'x'.repeat(70)])
    expect(names).toEqual([
      'rows_2',
      'rows_3',
      'c_2019',
      'column_4',
      'column_5',
      'a_b',
      'a_b_2',
      'x'.repeat(63),
      `${'x'.repeat(61)}_2`,
    ])
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/)
  })
})

describe('A dataset’s name', () => {
  it.each([
    ['orders-2024.csv', 'orders_2024'],
    ['Umsätze März.csv.gz', 'umsatze_marz'],
    ['2024.parquet', 'dataset_2024'],
    ['users.csv', 'users_2'],
    ['C:\\data\\events.json', 'events_2'],
    ['../../etc/passwd', 'passwd'],
    [null, 'dataset'],
  ])('of the file %j is %s', (fileName, name) => {
    expect(datasetName(fileName)).toBe(name)
  })
})

it.each([
  ['unit_price', 'Unit price'],
  ['Order Date', 'Order Date'],
  ['TransactionDate', 'Transaction Date'],
  ['SKU', 'SKU'],
  ['  ', 'Column 1'],
])('the title of %j is %j', (header, title) => {
  expect(titleOf(header, 'column_1')).toBe(title)
})

describe('A header in a declaration', () => {
  it('is one line where it has line breaks and tabs, since blanks do not count', () => {
    expect(sourceOf('Amount\r\n(EUR)\tnet')).toBe('Amount  (EUR) net')
  })

  it('cannot have control characters, half a surrogate pair or more than 1,024 characters', () => {
    expect(['Amount\n(EUR)', 'x'.repeat(1024), '😀'].map(isDeclarable)).toEqual([true, true, true])
    expect(['a\u0001', 'a\ud83d', 'x'.repeat(1025)].map(isDeclarable)).toEqual([false, false, false])
  })

  it('gives a title that no letter is cut in half of', () => {
    expect(titleOf(`${'x'.repeat(99)}😀`, 'x')).toBe(`X${'x'.repeat(98)}`)
  })
})
