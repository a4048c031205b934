import { Alert, Button, Group, Text } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { Link } from 'react-router'
import { ErrorAlert } from '../../../components/error-alert'
import { Loaded } from '../../../components/loaded'
import { Section } from '../../../components/section'
import type { Draft } from '../declaration/draft'
import { isEnded, type Ingestion } from '../ingestions'
import { JobProgress } from '../job/job-progress'
import { JobStats } from '../job/job-stats'
import { useLiveIngestion } from '../job/use-live-ingestion'
import { Warnings } from '../job/warnings'
import { cancelUpload, useUpload } from '../upload/current-upload'
import { UploadStatus } from '../upload/upload-status'
import { startOver, type Wizard } from './wizard'

/** The dataset is there; its first file goes in. */
export function LoadStep({ wizard: { file }, draft }: { wizard: Wizard; draft: Draft }) {
  const upload = useUpload()
  const name = draft.name.trim()
  const own = upload?.options.dataset === name ? upload : undefined
  const leave = () => {
    if (own) cancelUpload()
    startOver()
  }
  return (
    <>
      <Alert color="green" variant="light" icon={<IconCheck />} title={`${name} is declared`}>
        {file
          ? 'Its first file goes into it; below is what becomes of the rows. It can be queried at any time.'
          : 'It has no rows yet: load a file, or query it as it is.'}
      </Alert>
      {own?.phase === 'sent' && !own.job.duplicate ? (
        <FirstLoad id={own.job.id} />
      ) : (
        file && (
          <Section title={`Loading ${file.name}`}>
            {own ? <UploadStatus upload={own} /> : <Text size="sm">The file is not on its way any more.</Text>}
          </Section>
        )
      )}
      <Group gap="sm">
        <Button component={Link} to={`/explore?dataset=${name}`} onClick={leave} disabled={own?.phase === 'sending'}>
          Ask it
        </Button>
        <Button
          component={Link}
          to={`/data/datasets/${name}`}
          variant="default"
          onClick={leave}
          disabled={own?.phase === 'sending'}
        >
          See the dataset
        </Button>
      </Group>
    </>
  )
}

function FirstLoad({ id }: { id: string }) {
  const job = useLiveIngestion(id)
  return <Loaded query={job}>{(data) => <FirstJob job={data} />}</Loaded>
}

function FirstJob({ job }: { job: Ingestion }) {
  return (
    <>
      <JobProgress job={job} />
      {job.error && <ErrorAlert title="Nothing of the file was loaded">{job.error}</ErrorAlert>}
      {job.warnings.length > 0 && <Warnings job={job} />}
      <JobStats job={job} />
      {isEnded(job) && (
        <Group gap="sm">
          <Button component={Link} to={`/data/${job.id}`} variant="default" size="xs">
            {job.rowsRejected > 0 ? 'See the rejected rows' : 'See the load'}
          </Button>
        </Group>
      )}
    </>
  )
}
