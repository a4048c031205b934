import { describe, expect, it } from 'vitest'
import type { ColumnType } from '../../datasets/dataset-definition.js'
import { withMissingHeader } from './header-row.js'

const warningsOf = (...columns: [source: string, type: ColumnType][]): string[][] =>
  withMissingHeader(
    columns.map(([source, type]) => ({
      ...{ source, type, name: source, confidence: 1, nulls: 0, examples: [], warnings: ['another'] },
    })),
  ).map(({ warnings }) => warnings)

describe('the first line of a file', () => {
  it.each<[string, ColumnType][][]>([
    [
      [
        ['1', 'integer'],
        ['Berlin', 'text'],
        ['2024-01-01', 'date'],
        ['-12.50', 'decimal'],
      ],
    ],
    [[['01.02.2024 10:00', 'timestamp']]],
    [[['1.5e3', 'number']]],
    [
      [
        ['2024', 'integer'],
        ['7', 'integer'],
      ],
    ],
  ])('is told to look like a row: %j', (columns) => {
    expect(warningsOf(...columns)[0]).toEqual([expect.stringContaining('looks like a row'), 'another'])
    for (const others of warningsOf(...columns).slice(1)) expect(others).toEqual(['another'])
  })

  it.each<[string, ColumnType][][]>([
    [
      [
        ['id', 'integer'],
        ['12', 'integer'],
      ],
    ],
    [
      [
        ['country', 'text'],
        ['2023', 'integer'],
        ['2024', 'decimal'],
      ],
    ],
    [
      [
        ['city', 'text'],
        ['1/22/20', 'integer'],
      ],
    ],
    [[['hello', 'text']]],
  ])('is a header: %j', (columns) => {
    expect(warningsOf(...columns).flat()).toEqual(columns.map(() => 'another'))
  })
})
