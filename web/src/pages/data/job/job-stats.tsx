import { SimpleGrid } from '@mantine/core'
import { formatBytes, formatDuration, formatInteger, formatPercent } from '../../../components/format'
import { StatTile } from '../../../components/stat-tile'
import type { Ingestion } from '../ingestions'

export function JobStats({ job }: { job: Ingestion }) {
  const { rowsRead, rowsAccepted, rowsRejected, bytesTotal } = job
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <StatTile label="Rows read" value={formatInteger(rowsRead)} hint={formatBytes(bytesTotal)} />
      <StatTile label="Rows accepted" value={formatInteger(rowsAccepted)} hint={share(rowsAccepted, rowsRead)} />
      <StatTile label="Rows rejected" value={formatInteger(rowsRejected)} hint={share(rowsRejected, rowsRead)} />
      <StatTile label="Time" value={timeOf(job)} hint={rateOf(job)} />
    </SimpleGrid>
  )
}

function share(rows: number, all: number): string | undefined {
  return all > 0 ? `${formatPercent(rows / all)} of the rows` : undefined
}

function milliseconds({ startedAt, finishedAt }: Ingestion): number | undefined {
  return startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : undefined
}

function timeOf(job: Ingestion): string {
  const time = milliseconds(job)
  return time === undefined ? '–' : formatDuration(time)
}

/** Of a handful of rows it would tell how long a job takes to begin. */
const MIN_ROWS_FOR_A_RATE = 1000

function rateOf(job: Ingestion): string | undefined {
  const time = milliseconds(job)
  return time && job.rowsRead >= MIN_ROWS_FOR_A_RATE
    ? `${formatInteger((job.rowsRead / time) * 1000)} rows/s`
    : undefined
}
