import { ActionIcon, Table, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconZoomIn } from '@tabler/icons-react'
import {
  flexRender,
  getCoreRowModel,
  getPaginationRowModel,
  getSortedRowModel,
  useReactTable,
  type ColumnDef,
  type Header,
  type Row as TableRow,
  type RowData,
  type SortingState,
} from '@tanstack/react-table'
import { useMemo, useState, type CSSProperties, type ReactNode } from 'react'
import type { Decimal } from '../api/http'
import { Pager } from '../components/pager'
import { SidewaysScroll } from '../components/sideways-scroll'
import { compare } from './decimals'

const PAGE_ROWS = 25
const COLUMN_WIDTH = 120

declare module '@tanstack/react-table' {
  // The names of the parameters are the library's.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface ColumnMeta<TData extends RowData, TValue> {
    numeric?: boolean
  }
}

export interface SortableColumn<Row> {
  id: string
  title: string
  /** columns beside each other with the same one stand below it */
  above?: string
  numeric?: boolean
  /** by what it is sorted; null comes last in both directions */
  value: (row: Row) => Decimal | null
  render: (row: Row) => ReactNode
}

interface SortableTableProps<Row> {
  /** what the table holds, for those who do not see it */
  label: string
  columns: SortableColumn<Row>[]
  rows: Row[]
  /** stands below all rows, whatever is sorted */
  footer?: ReactNode
  /** what a row is called, where it can be opened */
  onOpen?: { nameOf: (row: Row) => string; open: (row: Row) => void }
  onSort?: (sorting: SortingState) => void
}

/** Sorted by its headers, whose edges make columns wider. */
export function SortableTable<Row>({ label, columns, rows, footer, onOpen, onSort }: SortableTableProps<Row>) {
  const [sorting, setSorting] = useState<SortingState>([])
  const [pagination, setPagination] = useState({ pageIndex: 0, pageSize: PAGE_ROWS })
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes it here
  const table = useReactTable({
    data: rows,
    columns: useMemo(() => definitionsOf(columns), [columns]),
    state: { sorting, pagination },
    onSortingChange: (update) => {
      const next = typeof update === 'function' ? update(sorting) : update
      setSorting(next)
      onSort?.(next)
    },
    onPaginationChange: setPagination,
    columnResizeMode: 'onChange',
    enableSortingRemoval: true,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getPaginationRowModel: getPaginationRowModel(),
  })
  const offset = pagination.pageIndex * PAGE_ROWS
  return (
    <>
      <SidewaysScroll label={label} minWidth={Math.min(columns.length * COLUMN_WIDTH, 2400)}>
        <Table verticalSpacing={6} aria-label={label} highlightOnHover>
          <Table.Thead>
            {table.getHeaderGroups().map((group) => (
              <Table.Tr key={group.id}>
                {group.headers.map((header) => (
                  <HeaderCell key={header.id} header={header} />
                ))}
                {onOpen && <Table.Td w={40} />}
              </Table.Tr>
            ))}
          </Table.Thead>
          <Table.Tbody>
            {table.getRowModel().rows.map((row) => (
              <BodyRow key={row.id} row={row} onOpen={onOpen} />
            ))}
          </Table.Tbody>
          {footer && <Table.Tfoot>{footer}</Table.Tfoot>}
        </Table>
      </SidewaysScroll>
      {rows.length > PAGE_ROWS && (
        <Pager
          limit={PAGE_ROWS}
          offset={offset}
          total={rows.length}
          onChange={(next) => table.setPageIndex(next / PAGE_ROWS)}
        />
      )}
    </>
  )
}

function BodyRow<Row>({ row, onOpen }: { row: TableRow<Row>; onOpen: SortableTableProps<Row>['onOpen'] }) {
  return (
    <Table.Tr>
      {row.getVisibleCells().map((cell) => {
        const { meta } = cell.column.columnDef
        return (
          <Table.Td
            key={cell.id}
            ta={meta?.numeric ? 'right' : undefined}
            className={meta?.numeric ? 'figures' : 'breakable readable'}
            style={widthOf(
              cell.column.getSize(),
              isResized(cell.getContext().table.getState().columnSizing, cell.column.id),
            )}
          >
            {flexRender(cell.column.columnDef.cell, cell.getContext())}
          </Table.Td>
        )
      })}
      {onOpen && (
        <Table.Td w={40} py={0}>
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={`Drill into ${onOpen.nameOf(row.original)}`}
            onClick={() => onOpen.open(row.original)}
          >
            <IconZoomIn size={16} />
          </ActionIcon>
        </Table.Td>
      )}
    </Table.Tr>
  )
}

const SORTED = { asc: 'ascending', desc: 'descending' } as const

function HeaderCell<Row>({ header }: { header: Header<Row, unknown> }) {
  const { column } = header
  const { meta } = column.columnDef
  const title = header.isPlaceholder ? null : flexRender(column.columnDef.header, header.getContext())
  const sorted = column.getIsSorted()
  if (!column.getCanSort() || header.isPlaceholder || header.subHeaders.length > 0) {
    return header.isPlaceholder ? (
      <Table.Td colSpan={header.colSpan} />
    ) : (
      <Table.Th colSpan={header.colSpan} scope="colgroup" ta="center">
        {title}
      </Table.Th>
    )
  }
  const Arrow = sorted === 'asc' ? IconArrowUp : sorted === 'desc' ? IconArrowDown : IconArrowsSort
  return (
    <Table.Th
      scope="col"
      ta={meta?.numeric ? 'right' : undefined}
      aria-sort={sorted ? SORTED[sorted] : 'none'}
      pos="relative"
      style={widthOf(header.getSize(), isResized(header.getContext().table.getState().columnSizing, column.id))}
    >
      <UnstyledButton className="table-header" onClick={column.getToggleSortingHandler()}>
        {title} <Arrow size={13} className={sorted ? undefined : 'unsorted'} aria-hidden />
      </UnstyledButton>
      {/* Of no use without a pointer: the table scrolls sideways by its keys. */}
      <span
        className="resizer"
        aria-hidden
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
      />
    </Table.Th>
  )
}

function isResized(sizes: Record<string, number>, id: string): boolean {
  return sizes[id] !== undefined
}

function widthOf(width: number, resized: boolean): CSSProperties | undefined {
  return resized ? { width, minWidth: width, maxWidth: width, overflow: 'hidden', textOverflow: 'ellipsis' } : undefined
}

function definitionsOf<Row>(columns: SortableColumn<Row>[]): ColumnDef<Row>[] {
  const definitions: ColumnDef<Row>[] = []
  let group: { header: string; columns: ColumnDef<Row>[] } | undefined
  for (const column of columns) {
    const definition = definitionOf(column)
    if (column.above === undefined) {
      definitions.push(definition)
      group = undefined
    } else if (group?.header === column.above) {
      group.columns.push(definition)
    } else {
      group = { header: column.above, columns: [definition] }
      definitions.push({ id: `above ${column.id}`, ...group })
    }
  }
  return definitions
}

function definitionOf<Row>({ id, title, numeric, value, render }: SortableColumn<Row>): ColumnDef<Row> {
  return {
    id,
    header: title,
    accessorFn: (row) => value(row) ?? undefined,
    cell: ({ row }) => render(row.original),
    sortUndefined: 'last',
    sortDescFirst: numeric,
    sortingFn: numeric
      ? (a, b, column) => compare(a.getValue(column), b.getValue(column))
      : (a, b, column) =>
          String(a.getValue(column)).localeCompare(String(b.getValue(column)), undefined, { numeric: true }),
    meta: { numeric },
  }
}
