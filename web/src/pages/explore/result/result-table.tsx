import { Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Decimal } from '../../../api/http'
import { DataTable, type Column } from '../../../components/data-table'
import { Pager } from '../../../components/pager'
import { titleOf, type Dataset } from '../datasets'
import type { QueryResponse } from '../use-query-result'
import { formatOf, isNumber } from './number-format'

const PAGE_ROWS = 25

type Row = QueryResponse['data'][number]

/** The exact result. */
export function ResultTable({ result: { data, columns }, dataset }: { result: QueryResponse; dataset: Dataset }) {
  const [offset, setOffset] = useState(0)
  const shown = useMemo(() => columns.map((column) => columnOf(column, data, dataset)), [columns, data, dataset])
  return (
    <Stack gap="sm">
      <DataTable
        label="Rows of the result"
        columns={shown}
        rows={data.slice(offset, offset + PAGE_ROWS)}
        rowKey={(_row, index) => String(offset + index)}
        minWidth={columns.length * 120}
      />
      {data.length > PAGE_ROWS && <Pager limit={PAGE_ROWS} offset={offset} total={data.length} onChange={setOffset} />}
    </Stack>
  )
}

function columnOf({ name, type }: QueryResponse['columns'][number], data: Row[], dataset: Dataset): Column<Row> {
  const title = titleOf(name, dataset)
  if (!isNumber(type)) return { title, render: (row) => <Value value={row[name] ?? null} /> }
  const format = formatOf(
    type,
    data.map((row) => row[name]),
  )
  return { title, numeric: true, render: (row) => <Value value={row[name] ?? null} format={format} /> }
}

function Value({ value, format }: { value: Row[string]; format?: (value: Decimal) => string }) {
  if (value === null || value === '') {
    return (
      <Text span size="sm" c="dimmed">
        {value === null ? 'none' : 'empty'}
      </Text>
    )
  }
  return format && typeof value !== 'boolean' ? format(value) : String(value)
}
