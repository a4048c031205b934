import { describe, expect, it } from 'vitest'
import { fieldsOf, summaryOf, withoutDefaults } from './file-options'

describe('the options of a file', () => {
  it('are the fields of an upload, without those that say nothing', () => {
    const options = { decimalSeparator: ',', delimiter: '\t', skipLines: 2, nullValues: ['NA', '-'], quote: '' }
    expect(fieldsOf({ ...options, dateFormat: undefined })).toEqual({
      ...{ decimalSeparator: ',', delimiter: '\t', skipLines: '2', nullValues: '["NA","-"]' },
    })
    expect(withoutDefaults({ nullValues: [], timezone: undefined, scale: '' })).toEqual({})
  })

  it('are told in the words of the form', () => {
    expect(summaryOf({ decimalSeparator: ',', nullValues: ['NA', '-'] })).toBe(
      'Decimal separator: comma 1,5 · Words for no value: NA, -',
    )
    expect(summaryOf({})).toBe('')
  })
})
