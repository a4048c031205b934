import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useSearchParams } from 'react-router'
import { Section } from '../../../components/section'
import { ColumnsTable } from '../declaration/columns-table'
import type { DatasetInfo, DeclaredDataset } from '../declaration/declarations'
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
      <ColumnsTable columns={columns} dataKey={info.key} timeDimension={info.timeDimension} />
    </Section>
  )
}
