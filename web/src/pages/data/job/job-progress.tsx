import { Group, Progress, Stack, Text, VisuallyHidden } from '@mantine/core'
import { formatBytes, formatDuration, formatInteger, formatPercent } from '../../../components/format'
import { Section } from '../../../components/section'
import { isEnded, type Ingestion } from '../ingestions'

/** How far a load is. What is read aloud are its changes of state only, and not each figure on the way. */
export function JobProgress({ job }: { job: Ingestion }) {
  return (
    <>
      <VisuallyHidden role="status">{spoken(job)}</VisuallyHidden>
      {!isEnded(job) && (
        <Section title="Progress">
          <Stack gap="xs">
            <Progress.Root size="xl">
              <Progress.Section value={shareOf(job) * 100} animated aria-label="Part of the file that was read" />
            </Progress.Root>
            <Group justify="space-between" gap="xs">
              <Text size="sm" className="figures">
                {stepOf(job)}
              </Text>
              <Text size="sm" c="dimmed" className="figures">
                {paceOf(job)}
              </Text>
            </Group>
          </Stack>
        </Section>
      )}
    </>
  )
}

function shareOf({ bytesDone, bytesTotal }: Ingestion): number {
  return bytesTotal > 0 ? bytesDone / bytesTotal : 0
}

function stepOf(job: Ingestion): string {
  if (job.status === 'queued') return 'Waiting for its turn'
  if (job.bytesDone >= job.bytesTotal) return 'All read; its rows are being made visible'
  return `${formatPercent(shareOf(job))} of ${formatBytes(job.bytesTotal)}`
}

function paceOf({ rowsPerSecond, secondsRemaining }: Ingestion): string {
  if (rowsPerSecond === null) return ''
  const remaining = secondsRemaining ? `, about ${formatDuration(secondsRemaining * 1000)} left` : ''
  return `${formatInteger(rowsPerSecond)} rows/s${remaining}`
}

function spoken({ status, rowsAccepted, rowsRejected }: Ingestion): string {
  switch (status) {
    case 'queued':
      return 'The load is waiting for its turn.'
    case 'running':
      return 'The file is being loaded.'
    case 'succeeded':
      return `Loaded: ${formatInteger(rowsAccepted)} rows accepted, ${formatInteger(rowsRejected)} rejected.`
    case 'failed':
      return 'The load failed.'
    case 'canceled':
      return 'The load was canceled.'
  }
}
