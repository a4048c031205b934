import { describe, expect, it } from 'vitest'
import type { FieldError } from '../common/errors/app-error.js'
import { fileOptionsFor, mergeFileOptions, unfitOption } from './file-options.js'
import { conflictIn, parseFileOptions, parseFileOptionTexts } from './parse-file-options.js'

function refused(input: unknown, path = 'fileOptions'): FieldError[] {
  const errors: FieldError[] = []
  parseFileOptions(input, path, errors)
  return errors
}

function read(input: unknown): unknown {
  const errors: FieldError[] = []
  const options = parseFileOptions(input, '', errors)
  expect(errors).toEqual([])
  return options
}

describe('parseFileOptions', () => {
  it('takes every option, in the spelling that is kept', () => {
    expect(
      read({
        decimalSeparator: ',',
        thousandsSeparator: 'blank',
        nullValues: [' NA ', 'n/a', 'NA', ''],
        dateFormat: 'DD.MM.YYYY',
        timezone: 'europe/berlin',
        numberStyle: 'accounting',
        scale: 'round',
        delimiter: 'tab',
        quote: 'none',
        encoding: 'windows-1252',
        skipLines: 3,
        recordElement: 'ns:Order',
      }),
    ).toEqual({
      decimalSeparator: ',',
      thousandsSeparator: ' ',
      nullValues: ['NA', 'n/a'],
      dateFormat: 'DD.MM.YYYY',
      timezone: 'Europe/Berlin',
      numberStyle: 'accounting',
      scale: 'round',
      delimiter: '\t',
      quote: 'none',
      encoding: 'windows-1252',
      skipLines: 3,
      recordElement: 'ns:Order',
    })
  })

  it('takes nothing for no options, and null for left out', () => {
    expect([read(undefined), read(null), read({}), read({ quote: null })]).toEqual([{}, {}, {}, {}])
  })

  it.each([';', '|', '\t', '\\t', 'tab', ' ', '^', '~', '\x1f', '-'])('takes the delimiter %j', (delimiter) => {
    expect(refused({ delimiter })).toEqual([])
  })

  it.each(['', ';;', 'a', 'U', '7', '.', '"', "'", '\n', '\r', '\0', '\x7f', '§', 5, ['|']])(
    'refuses the delimiter %j',
    (delimiter) => {
      expect(refused({ delimiter })).toEqual([
        { path: 'fileOptions.delimiter', message: expect.stringContaining('one ASCII character') },
      ])
    },
  )

  it.each([
    ['decimalSeparator', ';', 'must be . or ,'],
    ['thousandsSeparator', '_', 'must be one of'],
    ['nullValues', 'NA', 'JSON list'],
    ['nullValues', [1], 'JSON list'],
    ['nullValues', ['a\0'], 'JSON list'],
    ['nullValues', ['x'.repeat(101)], '100 characters'],
    ['nullValues', Array.from({ length: 101 }, (_, at) => `n${at}`), '100 texts'],
    ['dateFormat', 'DD.MM', 'needs a year'],
    ['dateFormat', 'QQ', '"QQ" is not known'],
    ['dateFormat', 7, 'such as M/D/YYYY'],
    ['timezone', 'Europe/Berlim', 'Did you mean "Europe/Berlin"'],
    ['timezone', '+01:00', 'not a time zone'],
    ['numberStyle', 'Accounting', 'must be plain or accounting'],
    ['scale', 2, 'must be exact or round'],
    ['quote', '`', `must be ", ' or none`],
    ['encoding', 'ebcdic', 'must be utf-8'],
    ['skipLines', -1, '0 to 1000'],
    ['skipLines', 1001, '0 to 1000'],
    ['skipLines', 1.5, '0 to 1000'],
    ['skipLines', '3', '0 to 1000'],
    ['recordElement', '<x>', 'name of an element'],
    ['recordElement', 'x'.repeat(256), '255 characters'],
  ])('refuses %s %j', (name, value, message) => {
    expect(refused({ [name]: value })).toEqual([
      { path: `fileOptions.${name}`, message: expect.stringContaining(message) },
    ])
  })

  it('refuses unknown options with the nearest name, and what is no object', () => {
    expect(refused({ delimeter: ';' })).toEqual([
      { path: 'fileOptions.delimeter', message: expect.stringContaining('Did you mean "delimiter"?') },
    ])
    expect(refused({ constructor: 1 })).toHaveLength(1)
    for (const input of ['x', 5, []])
      expect(refused(input)).toEqual([{ path: 'fileOptions', message: 'must be an object' }])
  })

  it('refuses separators that are the same', () => {
    expect(refused({ decimalSeparator: ',', thousandsSeparator: ',' })).toMatchObject([
      { path: 'fileOptions.thousandsSeparator' },
    ])
  })

  it('reads texts of a form: digits and a JSON list', () => {
    const errors: FieldError[] = []
    const texts = { skipLines: '12', nullValues: '["NA"]', delimiter: undefined }
    expect(parseFileOptionTexts(texts, errors)).toEqual({ skipLines: 12, nullValues: ['NA'] })
    expect(errors).toEqual([])
    parseFileOptionTexts({ skipLines: '1e2', nullValues: 'NA' }, errors)
    expect(errors.map(({ path }) => path).sort()).toEqual(['nullValues', 'skipLines'])
  })
})

describe('file options of a dataset and an upload', () => {
  it('are merged, and those of the upload win', () => {
    const merged = mergeFileOptions(
      { delimiter: ';', skipLines: 2, thousandsSeparator: '.', decimalSeparator: ',' },
      { skipLines: 0, decimalSeparator: '.', quote: undefined },
    )
    expect(merged).toEqual({ delimiter: ';', skipLines: 0, thousandsSeparator: '.', decimalSeparator: '.' })
    expect(conflictIn(merged)).toMatchObject({ path: 'thousandsSeparator' })
  })

  it('are refused or left out where the format has no use for them', () => {
    const options = { delimiter: ';', skipLines: 2, recordElement: 'x', timezone: 'UTC' } as const
    expect(fileOptionsFor('ndjson', options)).toEqual({ skipLines: 2, timezone: 'UTC' })
    expect(fileOptionsFor('xml', options)).toEqual({ recordElement: 'x', timezone: 'UTC' })
    expect(unfitOption('parquet', { skipLines: 2 })).toEqual({
      path: 'skipLines',
      message: 'is for csv, tsv, ndjson and not for parquet; leave it out',
    })
    expect(unfitOption('parquet', { skipLines: 0, timezone: 'UTC' })).toBeUndefined()
    expect(unfitOption('csv', { recordElement: 'x' })).toMatchObject({ path: 'recordElement' })
  })
})
