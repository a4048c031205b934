import { Badge, Button, Code, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useSearchParams } from 'react-router'
import { DataTable, type Column } from '../../../components/data-table'
import { Section } from '../../../components/section'
import { TYPE_NAMES, type DatasetColumn, type DatasetInfo, type DeclaredDataset } from '../declaration/declarations'
import { AddColumns } from './add-columns'

interface ColumnsSectionProps {
  info: DatasetInfo
  declared: DeclaredDataset | null
  mayEdit: boolean
}

/** The columns; `?add=columns` in the address opens the form for more of them. */
export function ColumnsSection({ info, declared, mayEdit }: ColumnsSectionProps) {
  const [address, setAddress] = useSearchParams()
  const isAdding = mayEdit && address.get('add') === 'columns'
  const columns = declared ? declared.columns : info.members.filter(({ kind }) => kind !== 'measure')
  const headers = address.getAll('header')
  return (
    <Section
      title="Columns"
      description={
        info.key.length > 0 ? 'Rows with the same key replace each other.' : 'Without a key: every row counts.'
      }
      actions={
        mayEdit &&
        !isAdding && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => setAddress({ add: 'columns' })}
          >
            Add columns
          </Button>
        )
      }
    >
      {isAdding && declared && (
        <AddColumns
          key={headers.join('\n')}
          dataset={declared}
          headers={headers}
          onClose={() => setAddress({}, { replace: true })}
        />
      )}
      <DataTable
        label="Columns"
        columns={tableOf(info, columns)}
        rows={columns}
        rowKey={({ name }) => name}
        minWidth={620}
      />
    </Section>
  )
}

/** Of a built-in dataset less is known. */
type Shown = Pick<DatasetColumn, 'name' | 'type' | 'title' | 'description'> & Partial<DatasetColumn>

const ABOUT: Column<Shown> = { title: 'About it', render: ({ description }) => description ?? '' }

function tableOf({ key, timeDimension }: DatasetInfo, columns: Shown[]): Column<Shown>[] {
  return [
    {
      title: 'Name',
      render: ({ name, required }) => (
        <Group gap={6}>
          <Code>{name}</Code>
          {key.includes(name) ? <Mark text="key" /> : required ? <Mark text="required" /> : null}
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
