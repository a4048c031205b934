import { Alert, Anchor, Button, Group, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import { Link } from 'react-router'
import { formatBytes, formatDuration, formatInstant, formatInteger, formatPercent } from '../../../components/format'
import { ProblemAlert } from '../../../components/problem-alert'
import type { Ingestion } from '../ingestions'
import { cancelUpload, startUpload, type Upload } from './current-upload'

/** Where the upload stands. */
export function UploadStatus({ upload }: { upload: Upload }) {
  switch (upload.phase) {
    case 'sending':
      return <Sending {...upload} />
    case 'failed':
      return <ProblemAlert error={upload.error} retry={() => void startUpload(upload)} />
    case 'sent':
      return upload.job.duplicate ? (
        <Duplicate job={upload.job} onForce={() => void startUpload(forced(upload))} />
      ) : (
        <Sent job={upload.job} name={upload.file.name} />
      )
  }
}

function forced({ file, options, owner }: Upload) {
  return { file, owner, options: { ...options, force: true } }
}

function Sending({ file, sentBytes, startedAt }: Extract<Upload, { phase: 'sending' }>) {
  const share = file.size > 0 ? sentBytes / file.size : 1
  return (
    <Stack gap="xs">
      <VisuallyHidden role="status">Sending {file.name}</VisuallyHidden>
      <Progress.Root size="xl">
        <Progress.Section value={share * 100} animated aria-label="Part of the file that was sent" />
      </Progress.Root>
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="figures">
          {share < 1
            ? `Sending: ${formatPercent(share)} of ${formatBytes(file.size)}${pace(sentBytes, file.size, startedAt)}`
            : 'Sent; the server is looking at it'}
        </Text>
        <Button variant="default" size="xs" onClick={cancelUpload}>
          Cancel the upload
        </Button>
      </Group>
    </Stack>
  )
}

function pace(sentBytes: number, size: number, startedAt: number): string {
  const milliseconds = Date.now() - startedAt
  if (milliseconds < 1000 || sentBytes === 0) return ''
  const rate = sentBytes / milliseconds
  return `, ${formatBytes(Math.round(rate * 1000))}/s, about ${formatDuration(Math.ceil((size - sentBytes) / rate / 1000) * 1000)} left`
}

function Sent({ job, name }: { job: Ingestion; name: string }) {
  return (
    <Alert color="green" variant="light" title={`${name} was sent`} withCloseButton onClose={cancelUpload}>
      <Anchor component={Link} to={`/data/${job.id}`} size="sm" onClick={cancelUpload}>
        See its load
      </Anchor>
    </Alert>
  )
}

function Duplicate({ job, onForce }: { job: Ingestion; onForce: () => void }) {
  return (
    <Alert color="yellow" variant="light" title="This content has been loaded before" role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          The same bytes came in on {formatInstant(job.createdAt)}
          {job.fileName && ` as ${job.fileName}`}: {formatInteger(job.rowsAccepted)} rows accepted,{' '}
          {formatInteger(job.rowsRejected)} rejected. Nothing was loaded now, so that nothing counts twice. Load it
          anyway if it has to go in with another column mapping or other options: its rows then replace those with the
          same key; in a dataset without a key they count once more.
        </Text>
        <Group gap="sm">
          <Button size="xs" component={Link} to={`/data/${job.id}`} variant="default" onClick={cancelUpload}>
            See the earlier load
          </Button>
          <Button size="xs" onClick={onForce}>
            Load it anyway
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
