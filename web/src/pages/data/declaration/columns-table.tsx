import { Badge, Code, Group, Text } from '@mantine/core'
import { DataTable, type Column } from '../../../components/data-table'
import { TYPE_NAMES, type DatasetColumn } from './declarations'

/** Of a built-in dataset less is known. */
type Shown = Pick<DatasetColumn, 'name' | 'type' | 'title' | 'description'> & Partial<DatasetColumn>

const ABOUT: Column<Shown> = { title: 'About it', render: ({ description }) => description ?? '' }

interface ColumnsTableProps {
  columns: Shown[]
  /** the names of its columns */
  dataKey: readonly string[]
  timeDimension: string | null
}

/** The columns of a dataset that exists or is being declared. */
export function ColumnsTable({ columns, ...marks }: ColumnsTableProps) {
  return (
    <DataTable
      label="Columns"
      columns={tableOf(columns, marks)}
      rows={columns}
      rowKey={({ name }) => name}
      minWidth={620}
    />
  )
}

function tableOf(columns: Shown[], { dataKey, timeDimension }: Omit<ColumnsTableProps, 'columns'>): Column<Shown>[] {
  return [
    {
      title: 'Name',
      render: ({ name, required }) => (
        <Group gap={6}>
          <Code>{name}</Code>
          {dataKey.includes(name) ? <Mark text="key" /> : required ? <Mark text="required" /> : null}
          {name === timeDimension && <Mark text="time" />}
        </Group>
      ),
    },
    { title: 'Title', render: ({ title }) => title ?? '' },
    { title: 'Type', render: (column) => <Text size="sm">{typeOf(column)}</Text> },
    { title: 'Header in files', render: ({ source, name }) => <span className="breakable">{source ?? name}</span> },
    ...(columns.some(({ description }) => description) ? [ABOUT] : []),
  ]
}

function typeOf({ type, scale, format, timezone }: Shown): string {
  const details = [
    ...(type === 'decimal' && scale !== undefined ? [`${scale} decimals`] : []),
    ...(format ? [format] : []),
    ...(timezone ? [timezone] : []),
  ]
  return details.length > 0 ? `${TYPE_NAMES[type]} (${details.join(', ')})` : TYPE_NAMES[type]
}

function Mark({ text }: { text: string }) {
  return (
    <Badge size="xs" variant="light" tt="none">
      {text}
    </Badge>
  )
}
