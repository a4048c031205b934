import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { Cell } from './cell'
import { changeOf, comparisonOf, type ComparedLine } from './comparison'
import { numberIn, titleOf, type ResultData } from './result-data'
import type { PartProps } from './result-props'
import { SortableTable, type SortableColumn } from './sortable-table'
import { formatShare, type NumberWriter } from './value-format'
import { shownMeasures } from './views-for'
import { writersOf } from './writers'

/** Compared ranges beside each other, with what changed from each of the others to the first. */
export default function ComparisonTable({ result, view, onDrill }: PartProps) {
  const comparison = useMemo(() => comparisonOf(result), [result])
  const columns = useMemo(() => {
    const groups = comparison.groups.map((name, at) => groupColumn(titleOf(name, result.members), at))
    const writers = writersOf(result, view)
    const measures = shownMeasures(view, result.query).flatMap((measure) =>
      measureColumns(measure, result, comparison.ranges, writers.get(measure)!),
    )
    return [...groups, ...measures]
  }, [result, view, comparison])
  const open = (line: ComparedLine) => onDrill?.(line.rows.find((row) => row !== undefined)!)
  return (
    <SortableTable
      label="Rows of the result"
      columns={columns}
      rows={comparison.lines}
      onOpen={onDrill && comparison.groups.length > 0 ? { nameOf: ({ names }) => names.join(', '), open } : undefined}
    />
  )
}

function groupColumn(title: string, at: number): SortableColumn<ComparedLine> {
  return { id: `group ${at}`, title, value: ({ names }) => names[at] ?? null, render: ({ names }) => names[at] }
}

function measureColumns(
  measure: string,
  { members }: ResultData,
  ranges: string[],
  writer: NumberWriter,
): SortableColumn<ComparedLine>[] {
  const above = titleOf(measure, members)
  const valueOf = ({ rows }: ComparedLine, at: number) => (rows[at] ? numberIn(rows[at], measure) : null)
  const values = ranges.map((range, at) => ({
    ...{ id: `${measure} ${at}`, title: rangeName(range), above, numeric: true },
    value: (line: ComparedLine) => valueOf(line, at),
    render: (line: ComparedLine) => <Cell value={valueOf(line, at)} writer={writer} />,
  }))
  const changes = ranges.slice(1).flatMap((range, at) => {
    const of = ranges.length > 2 ? ` from ${rangeName(range)}` : ''
    const change = (line: ComparedLine) => changeOf(line, measure, at + 1)
    return [
      {
        ...{ id: `${measure} ${at} difference`, title: `Difference${of}`, above, numeric: true },
        value: (line: ComparedLine) => change(line)?.difference ?? null,
        render: (line: ComparedLine) => <Cell value={change(line)?.difference} writer={writer} />,
      },
      {
        ...{ id: `${measure} ${at} percent`, title: `Percent${of}`, above, numeric: true },
        value: (line: ComparedLine) => change(line)?.share ?? null,
        render: (line: ComparedLine) => <Percent share={change(line)?.share ?? null} />,
      },
    ]
  })
  return [...values, ...changes]
}

/** Growth is not always good: the sign says which way it went, no colour. */
function Percent({ share }: { share: number | null }) {
  return share === null ? (
    <Text span size="sm" c="dimmed">
      none
    </Text>
  ) : (
    formatShare(share, 'exceptZero')
  )
}

/** `2016-01-01 - 2016-12-31` is 2016. */
export function rangeName(range: string): string {
  const [, from, to] = /^(\d{4})-01-01 - (\d{4})-12-31$/.exec(range) ?? []
  return from !== undefined && from === to ? from : range.replace(' - ', ' – ')
}
