import { Alert, Anchor, Code, Group, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useCurrentSession } from '../../../session/session-context'
import { mayChange } from '../../../session/use-session'
import { useDeclaredDatasets } from '../declaration/declarations'
import type { Ingestion, IngestionWarning } from '../ingestions'
import { addColumnsPath } from '../paths'
import { adviceOn } from './advice'

/** What looks wrong although the file was loaded. */
export function Warnings({ job }: { job: Ingestion }) {
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle />} title="Loaded, but please look at this">
      <List size="sm" spacing="sm" listStyleType="none">
        {job.warnings.map((warning) => (
          <List.Item key={`${warning.code} ${warning.column}`} className="breakable">
            <Text size="sm">{adviceOn(warning, job)}</Text>
            <Details warning={warning} job={job} />
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Details({ warning: { code, examples }, job }: { warning: IngestionWarning; job: Ingestion }) {
  switch (code) {
    case 'UNKNOWN_COLUMNS':
      return <AddColumns dataset={job.dataset} headers={examples} />
    case 'DECIMAL_COMMA':
    case 'MOSTLY_REJECTED':
      return <Examples values={examples} />
    default:
      return null
  }
}

function AddColumns({ dataset, headers }: { dataset: string; headers: string[] }) {
  const session = useCurrentSession()
  const declared = useDeclaredDatasets()
  if (!mayChange(session) || !declared.data?.some(({ name }) => name === dataset)) return null
  return (
    <Anchor component={Link} to={addColumnsPath(dataset, headers)} size="sm" c="inherit" underline="always">
      Add columns for them to {dataset}
    </Anchor>
  )
}

function Examples({ values }: { values: string[] }) {
  return (
    <Group gap="xs" mt={4}>
      {values.map((value) => (
        <Code key={value} className="breakable">
          {value}
        </Code>
      ))}
    </Group>
  )
}
