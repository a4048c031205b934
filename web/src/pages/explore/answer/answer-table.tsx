import { Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { DataTable, type Column } from '../../../components/data-table'
import { Pager } from '../../../components/pager'
import { titleOf, type Dataset } from '../datasets'
import type { Answer } from '../use-answer'
import { formatExact, isNumber } from './figures'

const PAGE_ROWS = 50

type Row = Answer['data'][number]

/** The answer digit by digit. */
export function AnswerTable({ answer: { data, columns }, dataset }: { answer: Answer; dataset: Dataset }) {
  const [offset, setOffset] = useState(0)
  const shown = useMemo(() => columns.map((column) => columnOf(column, dataset)), [columns, dataset])
  return (
    <Stack gap="sm">
      <DataTable
        label="Rows of the answer"
        columns={shown}
        rows={data.slice(offset, offset + PAGE_ROWS)}
        rowKey={(_row, index) => String(offset + index)}
        minWidth={columns.length * 120}
      />
      {data.length > PAGE_ROWS && <Pager limit={PAGE_ROWS} offset={offset} total={data.length} onChange={setOffset} />}
    </Stack>
  )
}

function columnOf({ name, type }: Answer['columns'][number], dataset: Dataset): Column<Row> {
  return {
    title: titleOf(name, dataset),
    numeric: isNumber(type),
    render: (row) => <Value value={row[name] ?? null} isFigure={isNumber(type)} />,
  }
}

function Value({ value, isFigure }: { value: Row[string]; isFigure: boolean }) {
  if (value === null)
    return (
      <Text span size="sm" c="dimmed">
        none
      </Text>
    )
  if (value === '')
    return (
      <Text span size="sm" c="dimmed">
        empty
      </Text>
    )
  return isFigure ? formatExact(value as number | string) : String(value)
}
