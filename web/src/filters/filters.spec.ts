import { describe, expect, it } from 'vitest'
import { conditionsOf, isFilter, withMembers, type Filter } from './filter'
import { errorsOfCondition } from './filter-errors'
import { textOfFilters } from './filter-text'

const FILTERS: Filter[] = [
  { member: 'segment', operator: 'equals', values: ['Consumer', 'Corporate'] },
  {
    or: [
      { member: 'sales', operator: 'gte', values: ['100'] },
      {
        and: [
          { member: 'note', operator: 'notSet' },
          { member: 'day', operator: 'inDateRange', values: ['a', 'b'] },
        ],
      },
    ],
  },
]

describe('filters', () => {
  it('read as a sentence', () => {
    expect(textOfFilters(FILTERS, (name) => name.toUpperCase())).toBe(
      'SEGMENT is Consumer or Corporate, and (SALES is at least 100 or (NOTE has no value and DAY is within a to b))',
    )
    expect(textOfFilters([{ member: 'a', operator: 'equals', values: [] }], (name) => name)).toBe('a is …')
  })

  it('are on members of other names in every group', () => {
    const renamed = withMembers(FILTERS, (name) => `x_${name}`)
    expect(conditionsOf(renamed).map(({ member }) => member)).toEqual(['x_segment', 'x_sales', 'x_note', 'x_day'])
    expect(withMembers(renamed, (name) => name.slice(2))).toEqual(FILTERS)
  })

  it.each([
    [{ member: 'a', operator: 'set' }, true],
    [{ or: [{ and: [] }] }, true],
    [{ or: [{ and: {} }] }, false],
    [{ member: 'a', values: 'b' }, false],
    [{ not: [] }, false],
    [null, false],
  ])('can be shown, or not: %j', (value, isShown) => {
    expect(isFilter(value)).toBe(isShown)
  })

  it('have what is wrong with them beside the field that it is of', () => {
    const errors = new Map([
      ['filters', 'Too many'],
      ['filters[1].or[0].member', 'Unknown'],
      ['filters[1].or[0].values[0]', 'No number'],
      ['filters[1].or[0].values[2]', 'no number either'],
      ['filters[1].or[0].colour', 'Is not a known field'],
      ['filters[1].or[0]', 'Is odd'],
      ['filters[1].or', 'Is empty'],
      ['filters[10].member', 'Of another one'],
    ])
    expect(errorsOfCondition(errors, 'filters[1].or[0]')).toEqual({
      member: 'Unknown',
      values: 'No number; no number either',
      other: 'Is not a known field; Is odd',
    })
    expect(errorsOfCondition(errors, 'filters[0]')).toEqual({})
  })
})
