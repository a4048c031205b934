import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addFileOptions, fileOptionsOf, type FileOptionArguments } from './file-options.js'

function parse(...args: string[]): FileOptionArguments {
  const command = addFileOptions(new Command())
    .argument('[path...]')
    .exitOverride()
    .configureOutput({ writeErr: () => 0 })
  return fileOptionsOf(command.parse(args, { from: 'user' }).opts())
}

describe('file options of the command line', () => {
  it('are those of the API, by the same names', () => {
    const given = parse(
      ...['--decimal-separator', ',', '--thousands-separator', 'blank', '--null-values', 'NA', '--null-values', 'n/a'],
      ...['--date-format', 'DD.MM.YYYY', '--timezone', 'Europe/Berlin', '--number-style', 'accounting'],
      ...['--scale', 'round', '--delimiter', '|', '--quote', 'none', '--skip-lines', '3', '--record-element', 'Order'],
      'a.csv',
    )
    expect(given).toEqual({
      decimalSeparator: ',',
      thousandsSeparator: 'blank',
      nullValues: '["NA","n/a"]',
      dateFormat: 'DD.MM.YYYY',
      timezone: 'Europe/Berlin',
      numberStyle: 'accounting',
      scale: 'round',
      delimiter: '|',
      quote: 'none',
      skipLines: '3',
      recordElement: 'Order',
    })
  })

  it('are left out where they are not given', () => {
    expect(parse('a.csv')).toEqual({})
    expect(parse('--skip-lines', '0')).toEqual({ skipLines: '0' })
  })

  it.each([
    ['--quote', '`'],
    ['--scale', '2'],
    ['--number-style', 'roman'],
    ['--skip-lines', '-1'],
    ['--skip-lines', '1001'],
    ['--skip-lines', 'two'],
  ])('%s %s is refused', (...args) => {
    expect(() => parse(...args)).toThrow()
  })
})
