import { Divider, Stack, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import type { FileDataset } from '../ingestions'
import type { Records } from '../preview/records'
import { MappingRow } from './mapping-row'
import { NO_SOURCE, type Source, type Sources } from './mapping'

interface MappingEditorProps {
  dataset: FileDataset
  /** undefined: the headers of the file are not known */
  records: Records | undefined
  sources: Sources
  onChange: (sources: Sources) => void
}

/** Says for each column of the dataset where its values come from. */
export function MappingEditor({ dataset, records, sources, onChange }: MappingEditorProps) {
  const [isAdvanced, setAdvanced] = useState(false)
  const change = (column: string, source: Source) => onChange({ ...sources, [column]: source })
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {records
          ? 'The sources are a guess by the names in the file. Correct what is wrong.'
          : 'Columns are found by their names, whatever their case, spaces, _ and -. Name the source where it is called otherwise.'}
      </Text>
      <Switch
        label="Default values, constants and templates"
        checked={isAdvanced}
        onChange={(event) => setAdvanced(event.currentTarget.checked)}
      />
      <Stack gap="xs">
        {dataset.columns.map((column) => (
          <div key={column.column}>
            <Divider mb="xs" />
            <MappingRow
              column={column}
              records={records}
              source={sources[column.column] ?? NO_SOURCE}
              isAdvanced={isAdvanced}
              onChange={(source) => change(column.column, source)}
            />
          </div>
        ))}
      </Stack>
    </Stack>
  )
}
