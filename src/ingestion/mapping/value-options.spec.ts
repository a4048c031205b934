import { describe, expect, it } from 'vitest'
import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import type { FileOptions } from '../../datasets/file-options.js'
import type { ColumnSource } from './mapping.js'
import { valueOptionsOf } from './value-options.js'

const DATE: ColumnDefinition = {
  ...{ column: 'day', member: 'day', type: 'date', storage: 'Date32', title: 'Day', required: false },
}
const FROM: ColumnSource = { from: 'Day' }
const PLAIN = { isNumeric: false, isTemporal: false }

function optionsOf(
  source: ColumnSource | undefined,
  options: FileOptions,
  column: Partial<ColumnDefinition> = {},
  type = PLAIN,
) {
  return valueOptionsOf({ ...DATE, ...column }, source, options, type)
}

describe('the options of a value', () => {
  it('come from the mapping of the column first', () => {
    const source: ColumnSource = { ...FROM, format: 'D/M/YYYY', nullValues: ['x'], decimalSeparator: ',' }
    const options: FileOptions = { dateFormat: 'M/D/YYYY', nullValues: ['y'], decimalSeparator: '.' }
    expect(optionsOf(source, options, { format: 'YYYY/M/D' })).toMatchObject({
      ...{ format: 'D/M/YYYY', isFormatChosen: true, nullValues: ['x'] },
      numbers: { decimalSeparator: ',', thousandsSeparator: '' },
    })
  })

  it('have the declared format and time zone before those of the file', () => {
    const options: FileOptions = { dateFormat: 'M/D/YYYY', timezone: 'Asia/Kathmandu' }
    const declared = { format: 'YYYY/M/D', timezone: 'Europe/Berlin' }
    expect(optionsOf(FROM, options, declared)).toMatchObject({ ...declared, isFormatChosen: false })
    const undeclared = { format: 'M/D/YYYY', timezone: 'Asia/Kathmandu', isFormatChosen: true }
    expect(optionsOf(FROM, options)).toMatchObject(undeclared)
    expect(optionsOf(FROM, {})).toMatchObject({ format: undefined, timezone: 'UTC', nullValues: [] })
  })

  it('of the file do not count for a constant', () => {
    const options: FileOptions = { dateFormat: 'M/D/YYYY', nullValues: ['NA'], decimalSeparator: ',', scale: 'round' }
    expect(optionsOf({ value: '2024-03-01' }, options, { format: 'D.M.YYYY' })).toMatchObject({
      ...{ format: undefined, nullValues: [], rounds: false },
      numbers: { decimalSeparator: '.' },
    })
  })

  it('do not say how values are written that have a type of their own', () => {
    const options: FileOptions = { decimalSeparator: ',', numberStyle: 'accounting', scale: 'round' }
    const numeric = optionsOf(FROM, options, { type: 'decimal' }, { isNumeric: true, isTemporal: false })
    expect(numeric).toMatchObject({ numbers: { decimalSeparator: '.' }, accounting: false, rounds: true })
    const temporal = optionsOf(FROM, { dateFormat: 'M/D/YYYY' }, {}, { isNumeric: false, isTemporal: true })
    expect(temporal.format).toBeUndefined()
  })

  it('read dates as ISO where the file has Unix times', () => {
    expect(optionsOf(FROM, { dateFormat: 'X' }).format).toBeUndefined()
    expect(optionsOf(FROM, { dateFormat: 'X' }, { type: 'timestamp' }).format).toBe('X')
  })
})
