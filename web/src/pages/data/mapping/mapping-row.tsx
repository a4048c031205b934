import { Badge, Grid, Group, Text } from '@mantine/core'
import { TYPE_NAMES } from '../declaration/declarations'
import { hasNoRepeats, valuesOf } from './guess-sources'
import type { MappingRowProps } from './mapping-row-props'
import { SourceDetails } from './source-details'
import { SourceSelect } from './source-select'

export function MappingRow(props: MappingRowProps) {
  const { column, records, source } = props
  return (
    <Grid role="group" aria-label={column.column} gap="xs" align="flex-start">
      <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
        <Group gap={6}>
          <Text size="sm" fw={600}>
            {column.column}
          </Text>
          {column.key && <Mark text="key" color="harbor" />}
          {column.required && !column.key && <Mark text="required" color="harbor" />}
        </Group>
        <Text size="xs" c="dimmed">
          {TYPE_NAMES[column.type]}
        </Text>
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
        <SourceSelect {...props} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <SourceDetails {...props} />
        {records && source.kind === 'header' && (
          <Examples values={valuesOf(source.text, records)} isKey={column.key} header={source.text} />
        )}
      </Grid.Col>
    </Grid>
  )
}

function Mark({ text, color }: { text: string; color: string }) {
  return (
    <Badge size="xs" variant="light" color={color} tt="none">
      {text}
    </Badge>
  )
}

const SHOWN = 3

function Examples({ values, isKey, header }: { values: string[]; isKey: boolean; header: string }) {
  const examples = [...new Set(values.filter(Boolean))].slice(0, SHOWN)
  return (
    <>
      <Text size="xs" c="dimmed" lineClamp={1} mt={4}>
        {examples.length > 0 ? `such as ${examples.join(' · ')}` : 'empty in the first rows'}
      </Text>
      {isKey && !hasNoRepeats(values) && (
        <Text size="xs" className="warning">
          “{header}” repeats in the first rows. A row with the key of an earlier one replaces it.
        </Text>
      )}
    </>
  )
}
