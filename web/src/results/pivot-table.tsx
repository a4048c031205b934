import { Table, Text, UnstyledButton } from '@mantine/core'
import { useMemo } from 'react'
import type { Decimal } from '../api/http'
import { Cell } from './cell'
import { pivotOf, totalsOf, type MeasureTotals, type Pivot, type PivotLine } from './pivot'
import { numberIn, titleOf, type ResultRow } from './result-data'
import type { PartProps } from './result-props'
import { rowName } from './rows-table'
import { SortableTable, type SortableColumn } from './sortable-table'
import type { NumberWriter } from './value-format'
import { shownMeasures } from './views-for'
import { writersOf } from './writers'

/** Wider is not read any more. */
const MAX_COLUMNS = 60

/** Rows by columns, with totals at the right and below. */
export default function PivotTable({ result, view, onDrill, totals: asked }: PartProps) {
  const { pivot, shown, measures } = useMemo(() => {
    const all = pivotOf(result, view)
    const writers = writersOf(result, view)
    const names = shownMeasures(view, result.query)
    const places = all.columns.map((column, at) => ({ ...column, at })).slice(0, Math.ceil(MAX_COLUMNS / names.length))
    return {
      pivot: all,
      shown: places,
      measures: names.map((name) => ({
        name,
        title: titleOf(name, result.members),
        writer: writers.get(name)!,
        totals: view.totals === false ? undefined : totalsOf(name, all, result, asked),
      })),
    }
  }, [result, view, asked])
  const columns = useMemo(() => {
    const openerOf: OpenerOf = (row) =>
      onDrill && { label: `Drill into ${rowName(row, result)}`, open: () => onDrill(row) }
    return [
      ...pivot.down.map((name, at) => groupColumn(titleOf(name, result.members), at)),
      ...shown.flatMap((place) => measures.map((measure) => valueColumn(place, measure, measures.length, openerOf))),
      ...measures.flatMap((measure) => totalColumn(measure, measures.length)),
    ]
  }, [pivot, shown, measures, result, onDrill])
  const lacking = measures.filter(({ totals }) => totals && totals.all === undefined)
  return (
    <>
      <SortableTable
        label="Pivot of the result"
        columns={columns}
        rows={pivot.lines}
        footer={measures.some(({ totals }) => totals?.all !== undefined) && <Totals {...{ pivot, shown, measures }} />}
      />
      {shown.length < pivot.columns.length && (
        <Note>{`The first ${shown.length} of ${pivot.columns.length} columns; the totals are of all of them.`}</Note>
      )}
      {lacking.length > 0 && (
        <Note>{`No totals of ${lacking.map(({ title }) => title).join(', ')}: the values of groups do not add up to them${result.isCut ? ', as the limit left rows out' : ''}.`}</Note>
      )}
    </>
  )
}

interface Measure {
  name: string
  title: string
  writer: NumberWriter
  totals: MeasureTotals | undefined
}

type Place = Pivot['columns'][number] & { at: number }
type OpenerOf = (row: ResultRow) => { label: string; open: () => void } | undefined

function groupColumn(title: string, at: number): SortableColumn<PivotLine> {
  return { id: `group ${at}`, title, value: ({ names }) => names[at] ?? null, render: ({ names }) => names[at] }
}

/** A single measure needs no name of its own in each column. */
function valueColumn(
  { at, names }: Place,
  { name, title, writer }: Measure,
  count: number,
  openerOf: OpenerOf,
): SortableColumn<PivotLine> {
  const place = names.join(' · ')
  const valueOf = ({ cells }: PivotLine) => (cells[at] ? numberIn(cells[at], name) : null)
  return {
    ...{ id: `${at} ${name}`, title: count > 1 ? title : place, numeric: true, ...(count > 1 && { above: place }) },
    value: valueOf,
    render: (line) => {
      const row = line.cells[at]
      if (!row) return null
      const opener = openerOf(row)
      const cell = <Cell value={valueOf(line)} writer={writer} />
      return opener ? (
        <UnstyledButton
          className="cell-button"
          aria-label={`${writerText(valueOf(line), writer)}: ${opener.label}`}
          onClick={opener.open}
        >
          {cell}
        </UnstyledButton>
      ) : (
        cell
      )
    },
  }
}

function writerText(value: Decimal | null, writer: NumberWriter): string {
  return value === null ? 'none' : writer.text(value)
}

function totalColumn({ name, title, writer, totals }: Measure, count: number): SortableColumn<PivotLine>[] {
  if (totals?.all === undefined) return []
  return [
    {
      ...{
        id: `total ${name}`,
        title: count > 1 ? title : 'Total',
        numeric: true,
        ...(count > 1 && { above: 'Total' }),
      },
      value: (line) => totals.ofLine(line) ?? null,
      render: (line) => (
        <strong>
          <Cell value={totals.ofLine(line)} writer={writer} />
        </strong>
      ),
    },
  ]
}

function Totals({ pivot, shown, measures }: { pivot: Pivot; shown: Place[]; measures: Measure[] }) {
  const cell = (key: string, value: Decimal | null | undefined, writer: NumberWriter) => (
    <Table.Td key={key} ta="right" className="figures" fw={700}>
      {value === undefined ? '' : <Cell value={value} writer={writer} />}
    </Table.Td>
  )
  return (
    <Table.Tr>
      <Table.Th scope="row" colSpan={Math.max(1, pivot.down.length)}>
        Total
      </Table.Th>
      {shown.flatMap(({ key, at }) =>
        measures.map(({ name, totals, writer }) => cell(`${key} ${name}`, totals?.ofColumn(at), writer)),
      )}
      {measures
        .filter(({ totals }) => totals?.all !== undefined)
        .map(({ name, totals, writer }) => cell(`all ${name}`, totals?.all, writer))}
    </Table.Tr>
  )
}

function Note({ children }: { children: string }) {
  return (
    <Text size="xs" c="dimmed">
      {children}
    </Text>
  )
}
