import { describe, expect, it } from 'vitest'
import { ApiProblem } from '../../../api/http'
import { declarationOf } from './declaration-of'
import type { Declaration } from './declarations'
import { changedColumn, emptyDraft, type Draft } from './draft'
import { draftOf, draftOfDeclaration } from './draft-of'
import { areAllPlaced, fieldErrorsOf, fieldKey, within, without } from './field-errors'
import { namedByItself } from './name-measure'

const DECLARATION: Declaration = {
  name: 'orders',
  title: 'Orders',
  description: 'Lines of orders',
  columns: [
    { name: 'row_id', source: 'Row ID', title: 'Row ID', type: 'integer', required: true },
    { name: 'order_date', source: 'Order Date', title: 'Order Date', type: 'date', format: 'D.M.YYYY' },
    { name: 'sales', source: 'Sales', title: 'Sales', description: 'Net of tax', type: 'decimal', scale: 2 },
    { name: 'segment', source: 'Segment', title: 'Segment', type: 'text', lowCardinality: true },
    { name: 'seen_at', source: 'Seen', title: 'Seen', type: 'timestamp', timezone: 'Europe/Berlin' },
  ],
  key: ['row_id'],
  timeDimension: 'order_date',
  measures: [
    { name: 'total_sales', title: 'Total sales', type: 'sum', column: 'sales' },
    { name: 'late', type: 'quantile', column: 'sales', level: 0.95 },
    { name: 'last_segment', type: 'latest', column: 'segment', by: 'order_date' },
    { name: 'per_row', type: 'ratio', numerator: 'total_sales', denominator: 'rows' },
    {
      name: 'consumers',
      description: 'Rows of consumers',
      type: 'count',
      filters: [
        { member: 'segment', operator: 'equals', values: ['Consumer'] },
        { or: [{ member: 'sales', operator: 'gt', values: ['5'] }, { and: [{ member: 'row_id', operator: 'set' }] }] },
      ],
    },
  ],
  price: { query: 2, perMillionRows: 0 },
  fileOptions: { decimalSeparator: ',' },
}

const draft = () => draftOfDeclaration(DECLARATION)
const idOf = ({ columns }: Draft, name: string) => columns.find((column) => column.name === name)!.id
const withColumn = (from: Draft, name: string, changes: Partial<Draft['columns'][number]>): Draft => ({
  ...from,
  columns: from.columns.map((column) => (column.name === name ? changedColumn(column, changes) : column)),
})
const problem = (...errors: { path: string; message: string }[]) =>
  new ApiProblem(400, 'VALIDATION_FAILED', 'Validation Failed', 'wrong', undefined, errors, undefined)

describe('the draft of a dataset', () => {
  it('declares what it was made of', () => {
    expect(declarationOf(draft())).toEqual(DECLARATION)
  })

  it('names a renamed column everywhere by its new name', () => {
    const { columns, key, timeDimension, measures } = declarationOf(
      withColumn(
        withColumn(withColumn(draft(), 'sales', { name: 'turnover' }), 'order_date', { name: 'day' }),
        'row_id',
        {
          name: 'line',
        },
      ),
    )
    expect(columns.map(({ name }) => name)).toEqual(['line', 'day', 'turnover', 'segment', 'seen_at'])
    expect([key, timeDimension]).toEqual([['line'], 'day'])
    expect(measures![0]).toMatchObject({ column: 'turnover' })
    expect(measures![2]).toMatchObject({ by: 'day' })
    expect(JSON.stringify(measures![4]!.filters)).toBe(
      JSON.stringify(DECLARATION.measures![4]!.filters).replace('"sales"', '"turnover"').replace('"row_id"', '"line"'),
    )
  })

  it('takes the only date for its time until somebody chooses, and says so where there is none', () => {
    const [column] = emptyDraft().columns
    const day = { ...column!, name: 'day', type: 'date' as const }
    const drafted = { ...emptyDraft(), columns: [day] }
    expect(declarationOf(drafted).timeDimension).toBe('day')
    expect(declarationOf({ ...drafted, timeDimension: '' }).timeDimension).toBeNull()
    expect(declarationOf({ ...drafted, columns: [day, { ...day, id: 'other', name: 'due' }] }).timeDimension).toBeNull()
    expect(declarationOf(emptyDraft())).not.toHaveProperty('timeDimension')
  })

  it('has no filters in a ratio, and no price where nothing was said of it', () => {
    const { measures, ...rest } = draft()
    const asRatio = { ...rest, price: {}, measures: measures.map((each) => ({ ...each, type: 'ratio' as const })) }
    expect(declarationOf(asRatio).measures![4]).not.toHaveProperty('filters')
    expect(declarationOf(asRatio)).not.toHaveProperty('price')
  })

  it('names a column that was left out in a filter on it, for the server to refuse', () => {
    const { measures } = declarationOf(withColumn(draft(), 'segment', { isIncluded: false }))
    expect(measures![4]!.filters![0]).toMatchObject({ member: 'segment' })
  })

  it('says nothing that the type of a column does not have, and remembers it', () => {
    const asText = withColumn(draft(), 'sales', { type: 'text' })
    expect(declarationOf(asText).columns[2]).toEqual({
      ...{ name: 'sales', source: 'Sales', title: 'Sales', description: 'Net of tax', type: 'text' },
    })
    expect(declarationOf(withColumn(asText, 'sales', { type: 'decimal' })).columns[2]).toMatchObject({ scale: 2 })
  })

  it('leaves out columns that are not included, of the key and the time too', () => {
    const without = withColumn(withColumn(draft(), 'row_id', { isIncluded: false }), 'order_date', {
      isIncluded: false,
    })
    const declaration = declarationOf(without)
    expect(declaration.columns.map(({ name }) => name)).toEqual(['sales', 'segment', 'seen_at'])
    expect(declaration.key).toBeUndefined()
    // The only time that is left.
    expect(declaration.timeDimension).toBe('seen_at')
  })

  it('requires what is in the key, and takes out of the key what is not required', () => {
    const [column] = emptyDraft().columns
    const inKey = changedColumn(column!, { isKey: true })
    expect(inKey.required).toBe(true)
    expect(changedColumn(inKey, { required: false }).isKey).toBe(false)
  })

  it('shows what was found of a column, and lists what cannot be one', () => {
    const found = { confidence: 0.5, nulls: 1, examples: ['1'], warnings: ['Look.'] }
    const { columns, unusable } = draftOf({
      dataset: DECLARATION,
      columns: [
        { ...found, source: 'Sales', name: 'sales' },
        { ...found, source: '', name: null },
      ],
    })
    expect(columns.map(({ finding }) => finding?.examples)).toEqual([undefined, undefined, ['1'], undefined, undefined])
    expect(unusable).toEqual([{ source: '', reason: 'Look.' }])
  })

  it('names a measure by its column until somebody names it', () => {
    const { measures, columns } = draft()
    const [total] = measures
    const sales = columns[2]!
    const average = namedByItself({ ...total!, type: 'avg' }, total!, columns, measures)
    expect(average).toMatchObject({ name: 'average_sales', title: '' })
    const named = { ...total!, name: 'turnover', column: sales.id }
    expect(namedByItself({ ...named, type: 'avg' }, named, columns, measures).name).toBe('turnover')
  })
})

describe('what is wrong with a declaration', () => {
  it('stands beside the field that it is of', () => {
    const drafted = withColumn(draft(), 'row_id', { isIncluded: false })
    const errors = fieldErrorsOf(
      problem(
        { path: 'name', message: 'is taken' },
        { path: 'columns[1].scale', message: 'must not be greater than 18' },
        { path: 'measures[0].column', message: 'is required' },
        { path: 'measures[4].filters[0].member', message: 'is no column' },
        { path: 'fileOptions.dateFormat', message: 'must be a format' },
        { path: 'price.query', message: 'must not be less than 0' },
      ),
      drafted,
    )
    expect(Object.fromEntries(errors)).toEqual({
      name: 'Is taken',
      [fieldKey('columns', idOf(drafted, 'sales'), 'scale')]: 'Must not be greater than 18',
      [fieldKey('measures', drafted.measures[0]!.id, 'column')]: 'Is required',
      [fieldKey('measures', drafted.measures[4]!.id, 'filters[0].member')]: 'Is no column',
      'price/query': 'Must not be less than 0',
      'fileOptions/dateFormat': 'Must be a format',
    })
    expect(within(errors, 'fileOptions').get('dateFormat')).toBe('Must be a format')
    expect(without(errors, `columns/${idOf(drafted, 'sales')}`).size).toBe(errors.size - 1)
    expect(without(errors, 'name').has('name')).toBe(false)
  })

  it('stands beside a column of the key, and of those that are added', () => {
    const drafted = draft()
    const added = emptyDraft().columns
    const inKey = problem({ path: 'key[0]', message: 'must be required' })
    expect([...fieldErrorsOf(inKey, drafted).keys()]).toEqual([fieldKey('columns', idOf(drafted, 'row_id'), 'key')])
    const taken = problem({ path: 'addColumns[0].name', message: 'exists already' })
    expect([...fieldErrorsOf(taken, drafted, added).keys()]).toEqual([fieldKey('columns', added[0]!.id, 'name')])
  })

  it('is told as a whole where no field is to blame', () => {
    expect(areAllPlaced(problem({ path: 'columns', message: 'must not be empty' }), draft())).toBe(false)
    expect(areAllPlaced(problem(), draft())).toBe(false)
    expect(areAllPlaced(new Error('broken'), draft())).toBe(false)
    expect(areAllPlaced(problem({ path: 'title', message: 'is too long' }), draft())).toBe(true)
  })
})
