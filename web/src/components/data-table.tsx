import { Table } from '@mantine/core'
import type { ReactNode } from 'react'
import { SidewaysScroll } from './sideways-scroll'

export interface Column<Row> {
  title: string
  render: (row: Row) => ReactNode
  /** figures stand at the right */
  numeric?: boolean
  width?: number | string
  /** left out on a phone */
  wideOnly?: boolean
}

interface DataTableProps<Row> {
  /** what the table holds, for those who do not see it */
  label: string
  columns: Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row, index: number) => string
  onRowClick?: (row: Row) => void
  /** of the table; on a phone it is as wide as the columns that are left need */
  minWidth?: number
}

/** Put a link or a button into a row as well: a click on it is a shortcut only. */
export function DataTable<Row>({ label, columns, rows, rowKey, onRowClick, minWidth = 500 }: DataTableProps<Row>) {
  return (
    <SidewaysScroll label={label} minWidth={minWidth}>
      <Table highlightOnHover={!!onRowClick} verticalSpacing="xs" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title, numeric, width, wideOnly }) => (
              <Table.Th
                key={title}
                ta={numeric ? 'right' : undefined}
                w={width}
                scope="col"
                className={wideOnly ? 'wide-only' : undefined}
              >
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            <Table.Tr
              key={rowKey(row, index)}
              onClick={onRowClick && (() => onRowClick(row))}
              className={onRowClick && 'clickable'}
            >
              {columns.map(({ title, render, numeric, wideOnly }) => (
                <Table.Td
                  key={title}
                  ta={numeric ? 'right' : undefined}
                  className={[numeric && 'figures', wideOnly && 'wide-only'].filter(Boolean).join(' ') || undefined}
                >
                  {render(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </SidewaysScroll>
  )
}
