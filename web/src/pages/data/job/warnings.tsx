import { Alert, Code, Group, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { IngestionWarning } from '../ingestions'

/** What looks wrong although the file was loaded. */
export function Warnings({ warnings }: { warnings: IngestionWarning[] }) {
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle />} title="Loaded, but please look at this">
      <List size="sm" spacing="sm" listStyleType="none">
        {warnings.map((warning) => (
          <List.Item key={`${warning.code} ${warning.column}`}>
            <Text size="sm">{warning.message}</Text>
            {warning.code === 'DECIMAL_COMMA' && <Examples values={warning.examples} />}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Examples({ values }: { values: string[] }) {
  return (
    <Group gap="xs" mt={4}>
      <Text size="sm">Examples</Text>
      {values.map((value) => (
        <Code key={value}>{value}</Code>
      ))}
    </Group>
  )
}
