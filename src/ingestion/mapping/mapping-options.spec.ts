import { describe, expect, it } from 'vitest'
import type { ColumnDefinition, DatasetDefinition } from '../../datasets/dataset-definition.js'
import { parseDateFormat } from '../../datasets/date-format.js'
import { parseMapping } from './mapping.js'
import { compileRowTransform } from './row-transform.js'
import { resolveMapping } from './source-header.js'

function column(name: string, type: ColumnDefinition['type'], more: Partial<ColumnDefinition> = {}): ColumnDefinition {
  return { column: name, member: name, type, storage: 'String', title: name, required: false, nullable: true, ...more }
}

function dataset(...columns: ColumnDefinition[]): DatasetDefinition {
  return { name: 'declared', title: '', description: '', table: 'declared', key: [], measures: [], columns }
}

const DATASET = dataset(
  column('at', 'timestamp', { storage: "DateTime64(3, 'UTC')" }),
  column('day', 'date', { storage: 'Date32' }),
  column('size', 'number', { storage: 'Float64', source: 'Size in m' }),
)

describe('options in a mapping', () => {
  it('take dateFormat as the format', () => {
    const mapping = parseMapping(
      { day: { from: 'd', dateFormat: 'D.M.YYYY' }, at: { from: 'a', format: 'X' } },
      DATASET,
    )
    expect(mapping).toEqual({ day: { from: 'd', format: 'D.M.YYYY' }, at: { from: 'a', format: 'X' } })
  })

  it('keep nullValues as a list, and separators of doubles', () => {
    const source = { from: 's', nullValues: ['NA', '-'], decimalSeparator: ',' }
    expect(parseMapping({ size: source }, DATASET)).toEqual({ size: source })
  })

  it.each([
    [{ from: 'd', format: 'D.M.YYYY', dateFormat: 'D.M.YYYY' }, 'day'],
    [{ from: 'd', dateFormat: 'X' }, 'day'],
    [{ from: 'd', dateFormat: 'Q' }, 'day'],
    [{ from: 'd', dateFormat: 5 }, 'day'],
    [{ from: 'd', dateFormat: 'D.M.YYYY' }, 'size'],
    [{ from: 'd', nullValues: 'NA' }, 'day'],
    [{ from: 'd', nullValues: [1] }, 'day'],
    [{ from: 'd', nullValues: ['x'.repeat(101)] }, 'day'],
    [{ from: 'd', nullValues: Array.from({ length: 101 }, (_, at) => `n${at}`) }, 'day'],
    [{ from: 'd', nullValues: ['\0'] }, 'day'],
    [{ value: '2024-03-01', nullValues: ['NA'] }, 'day'],
    [{ from: 'd', timezone: 'UTC' }, 'at'],
  ])('refuse %j for %s', (source, name) => {
    expect(() => parseMapping({ [name]: source }, DATASET)).toThrow()
  })
})

describe('a format of timestamps', () => {
  it.each(['M/D/YYYY h:mm A', 'YYYY-MM-DDTHH:mm:ss.SSSZ', 'YYYYMMDD', 'X', 'x', 'D MMM YY HH:mm'])(
    'is %s',
    (format) => {
      expect(parseDateFormat(format, 'timestamp')).toHaveProperty('pattern')
    },
  )

  it.each([
    'M/D/YYYY h:mm',
    'M/D/YYYY HH:mm A',
    'YYYY-MM-DD mm',
    'YYYY-MM-DD HH:ss',
    'YYYY-MM-DD HH HH',
    'X x',
    'HH:mm',
    'YYYY-MM-DD Q',
  ])('is not %s', (format) => {
    expect(parseDateFormat(format, 'timestamp')).toMatch(/^format: /)
  })
})

describe('the rules of a file', () => {
  const sources = resolveMapping(DATASET, {}, ['at', 'DAY', 'size_in M'])

  it('find a column by the header that it declares', () => {
    expect(sources.get('size')).toEqual({ kind: 'field', field: 2, default: undefined })
    expect(() =>
      resolveMapping(dataset(column('size', 'number', { source: 'Weight (kg)', required: true })), {}, ['size x']),
    ).toThrow('no column for size ("Weight (kg)")')
  })

  it('know the dates that could be read the other way around, of formats chosen for the load', () => {
    const swappable = (dateFormat: string) => compileRowTransform(DATASET, {}, sources, { dateFormat }).swappableDates
    expect(swappable('D/M/YYYY').map((each) => each.column)).toEqual(['at', 'day'])
    expect(swappable('YYYY/M/D')).toEqual([])
    expect(swappable('D MMM YYYY')).toEqual([])
  })

  it('let no text of the options reach SQL as it is', () => {
    const hostile = "x') OR 1=1 --"
    const { select, from } = compileRowTransform(DATASET, {}, sources, { nullValues: [hostile], timezone: hostile })
    expect(`${select} ${from('raw')}`).not.toContain('1=1')
  })
})
