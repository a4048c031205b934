import { Code, Text } from '@mantine/core'
import { DataTable, type Column } from '../../../components/data-table'
import type { Filter } from '../../../filters/filter'
import { textOfFilters } from '../../../filters/filter-text'
import type { DatasetMeasure } from './declarations'
import { MEASURE_KINDS } from './measure-types'

type Measure = Pick<DatasetMeasure, 'name' | 'title' | 'description'>

interface MeasuresTableProps {
  measures: Measure[]
  /** what was declared of them; of others their description says what they are */
  declared: readonly DatasetMeasure[]
}

/** The measures of a dataset that exists or is being declared. */
export function MeasuresTable({ measures, declared }: MeasuresTableProps) {
  return (
    <DataTable
      label="Measures"
      columns={tableOf(declared)}
      rows={measures}
      rowKey={({ name }) => name}
      minWidth={460}
    />
  )
}

function tableOf(declared: readonly DatasetMeasure[]): Column<Measure>[] {
  const own = new Map(declared.map((measure) => [measure.name, measure]))
  return [
    { title: 'Name', render: ({ name }) => <Code>{name}</Code> },
    { title: 'Title', render: ({ title }) => title ?? '' },
    {
      title: 'What it is',
      render: ({ name, description }) => {
        const measure = own.get(name)
        if (!measure) return <Text size="sm">{description ?? (name === 'rows' ? 'count of rows' : '')}</Text>
        return (
          <>
            <Text size="sm" className="breakable">
              {textOf(measure)}
            </Text>
            {description && (
              <Text size="xs" c="dimmed" className="breakable">
                {description}
              </Text>
            )}
          </>
        )
      },
    },
  ]
}

function textOf({ type, column, level, by, numerator, denominator, filters }: DatasetMeasure): string {
  if (type === 'ratio') return `${numerator} / ${denominator}`
  const details = [
    ...(column ? [`of ${column}`] : []),
    ...(level === undefined ? [] : [`at ${level}`]),
    ...(by ? [`by ${by}`] : []),
    ...(filters?.length ? [`where ${textOfFilters(filters as Filter[], (member) => member)}`] : []),
  ]
  return [MEASURE_KINDS[type].label, ...details].join(' ')
}
