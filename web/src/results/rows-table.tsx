import { useMemo } from 'react'
import { Cell } from './cell'
import { periodName } from './periods'
import {
  groupsOf,
  measuresOf,
  numberIn,
  periodOf,
  textOf,
  titleOf,
  type ResultData,
  type ResultRow,
} from './result-data'
import type { PartProps } from './result-props'
import { SortableTable, type SortableColumn } from './sortable-table'
import { shownMeasures } from './views-for'
import { writersOf } from './writers'

/** The rows of the result as they are. */
export default function RowsTable({ result, view, onDrill, onSort }: PartProps) {
  const columns = useMemo(() => columnsOf(result, view), [result, view])
  const groups = groupsOf(result.query)
  return (
    <SortableTable
      label="Rows of the result"
      columns={columns}
      rows={result.rows}
      onSort={onSort && (([first]) => onSort(first && [first.id, first.desc ? 'desc' : 'asc']))}
      onOpen={onDrill && groups.length > 0 ? { nameOf: (row) => rowName(row, result), open: onDrill } : undefined}
    />
  )
}

/** `Technology, 2024 Q1` */
export function rowName(row: ResultRow, result: ResultData): string {
  return groupsOf(result.query)
    .map((name) => groupText(row, name, result))
    .join(', ')
}

function groupText(row: ResultRow, name: string, { query }: ResultData): string {
  const period = periodOf(query)
  const value = row[name]
  return period?.name === name && typeof value === 'string' ? periodName(value, period.granularity) : textOf(value)
}

function columnsOf(result: ResultData, view: PartProps['view']): SortableColumn<ResultRow>[] {
  const writers = writersOf(result, view)
  const hidden = measuresOf(result.query).filter((name) => !shownMeasures(view, result.query).includes(name))
  return result.columns
    .filter(({ name }) => !hidden.includes(name))
    .map(({ name }) => {
      const writer = writers.get(name)
      const period = periodOf(result.query)?.name === name
      return {
        id: name,
        title: titleOf(name, result.members),
        numeric: writer !== undefined,
        value: (row) => (typeof row[name] === 'boolean' ? String(row[name]) : numberIn(row, name)),
        render: (row) =>
          period ? (
            <span className="unbroken">{groupText(row, name, result)}</span>
          ) : (
            <Cell value={row[name]} writer={writer} />
          ),
      }
    })
}
