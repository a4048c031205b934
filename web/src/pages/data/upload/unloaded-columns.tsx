import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { Link, useNavigate } from 'react-router'
import { useCurrentSession } from '../../../session/session-context'
import type { FileDataset } from '../ingestions'
import { lookAt } from '../new-dataset/wizard'
import { addColumnsPath } from '../paths'

interface UnloadedColumnsProps {
  dataset: FileDataset
  file: File
  headers: string[]
}

/** Names the columns of the file that go nowhere, and where they could go. */
export function UnloadedColumns({ dataset, file, headers }: UnloadedColumnsProps) {
  const session = useCurrentSession()
  const navigate = useNavigate()
  const declare = () => {
    void lookAt(file, session)
    void navigate('/data/new')
  }
  if (headers.length === 0) return null
  return (
    <Alert color="gray" variant="light" role="note" aria-label="Columns that are not loaded">
      <Stack gap="xs" align="flex-start">
        <Text size="sm" className="breakable">
          <b>Not loaded:</b> {headers.join(', ')}
        </Text>
        {dataset.isDeclared ? (
          <Text size="sm">
            Choose them as a source under “Column mapping” above, or{' '}
            <Anchor component={Link} to={addColumnsPath(dataset.name, headers)} size="sm">
              add columns for them to {dataset.title}
            </Anchor>{' '}
            first.
          </Text>
        ) : (
          <Group gap="sm">
            <Text size="sm">{dataset.title} has no columns for them. To keep all of the file:</Text>
            <Button size="xs" variant="default" onClick={declare}>
              Declare a dataset for this file
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  )
}
