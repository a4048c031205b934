import { Alert, Anchor, Button, Group, Text } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'
import { CopyableId } from '../../../components/copyable-id'
import { ErrorAlert } from '../../../components/error-alert'
import { formatInstant, formatInteger } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Page } from '../../../components/page'
import { useCurrentSession } from '../../../session/session-context'
import { mayChange } from '../../../session/use-session'
import { IngestionBadge } from '../ingestion-status'
import { isEnded, nameOf, type Ingestion } from '../ingestions'
import { CancelButton } from './cancel-button'
import { DeleteButton } from './delete-button'
import { JobStats } from './job-stats'
import { JobProgress } from './job-progress'
import { RejectReasons } from './reject-reasons'
import { Rejects } from './rejects'
import { useLiveIngestion } from './use-live-ingestion'
import { Warnings } from './warnings'

export function JobPage() {
  const { id = '' } = useParams()
  const job = useLiveIngestion(id)
  return (
    <Page
      title={job.data ? nameOf(job.data) : 'Load'}
      description={job.data && <Facts job={job.data} />}
      actions={job.data && <Actions job={job.data} />}
    >
      <Anchor component={Link} to="/data" size="sm">
        <Group gap={4} component="span">
          <IconArrowLeft size={14} aria-hidden /> All loads
        </Group>
      </Anchor>
      <Loaded query={job}>{(data) => <Job key={data.id} job={data} />}</Loaded>
    </Page>
  )
}

function Facts({ job }: { job: Ingestion }) {
  return (
    <Group gap="xs" mt={4}>
      <IngestionBadge job={job} />
      <Text size="sm">
        {job.format.toUpperCase()} into {job.dataset}, sent {formatInstant(job.createdAt)}
      </Text>
      <CopyableId id={job.id} label="the ID of this load" />
    </Group>
  )
}

function Actions({ job }: { job: Ingestion }) {
  const session = useCurrentSession()
  if (!mayChange(session)) return null
  if (!isEnded(job)) return <CancelButton job={job} />
  return (
    <>
      {job.status === 'succeeded' && !job.deletedAt && job.dataset !== 'users' && (
        <Button component={Link} to={`/explore?dataset=${job.dataset}`} variant="default">
          Query this dataset
        </Button>
      )}
      {!job.deletedAt && <DeleteButton job={job} />}
    </>
  )
}

function Job({ job }: { job: Ingestion }) {
  return (
    <>
      <JobProgress job={job} />
      {job.error && (
        <ErrorAlert title="Nothing of this file was loaded">
          {job.rowsRead > 0 && job.rowsRejected === job.rowsRead ? <AllRejected rows={job.rowsRead} /> : job.error}
        </ErrorAlert>
      )}
      {job.warnings.length > 0 && !job.deletedAt && <Warnings job={job} />}
      {job.deletedAt && (
        <Alert color="gray" variant="light" title="Deleted">
          The rows of this load were taken out again on {formatInstant(job.deletedAt)}. The same file may be loaded once
          more.
        </Alert>
      )}
      <JobStats job={job} />
      {job.rowsRejected > 0 && isEnded(job) && <RejectReasons job={job} />}
      {job.rowsRejected > 0 && <Rejects job={job} />}
    </>
  )
}

function AllRejected({ rows }: { rows: number }) {
  const which = rows === 1 ? 'Its only row was' : `All of its ${formatInteger(rows)} rows were`
  return `${which} rejected; the reasons are below. When it is the same one in each row, load the file again with another column mapping or other options.`
}
