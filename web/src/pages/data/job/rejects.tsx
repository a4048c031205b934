import { Button, Code, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { IconDownload } from '@tabler/icons-react'
import { useSearchParams } from 'react-router'
import { download } from '../../../api/download'
import { send } from '../../../api/http'
import { DataTable, type Column } from '../../../components/data-table'
import { formatInteger } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Pager } from '../../../components/pager'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { isEnded, useRejects, type Ingestion, type Reject } from '../ingestions'

const COLUMNS: Column<Reject>[] = [
  { title: 'Row', numeric: true, width: 90, render: ({ row }) => formatInteger(row) },
  { title: 'Line', numeric: true, width: 90, render: ({ line }) => formatInteger(line) },
  {
    title: 'Column',
    width: 140,
    render: ({ column }) =>
      column ?? (
        <Text size="sm" c="dimmed">
          the record
        </Text>
      ),
  },
  { title: 'Reason', render: ({ reason }) => <Text size="sm">{reason}</Text> },
  { title: 'Value', width: 160, render: ({ column, value }) => column !== null && <Raw text={value} /> },
  { title: 'Record as it was sent', render: ({ raw }) => <Raw text={raw} /> },
]

/** Which rows of a load were refused, where and why. */
export function Rejects({ job }: { job: Ingestion }) {
  const [address, setAddress] = useSearchParams()
  const offset = Number(address.get('offset')) || 0
  const rejects = useRejects(job.id, offset)
  return (
    <Section
      title="Rejected rows"
      description="Correct the rows in the downloaded file, then load it: it has the fields of the original file."
      actions={isEnded(job) && <DownloadRejects job={job} />}
    >
      <Loaded query={rejects}>
        {({ data, pagination }) => (
          <>
            <DataTable label="Why each row was rejected" columns={COLUMNS} rows={data} rowKey={keyOf} minWidth={900} />
            <Pager {...pagination} onChange={(next) => setAddress(next > 0 ? { offset: String(next) } : {})} />
          </>
        )}
      </Loaded>
    </Section>
  )
}

function DownloadRejects({ job: { id } }: { job: Ingestion }) {
  const file = useMutation({
    mutationFn: () =>
      download(
        (response) => `rejects-${id}.${endingOf(response)}`,
        send('GET /v1/ingestions/{id}/rejects', { path: { id }, headers: { accept: 'text/csv' } }),
      ),
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconDownload size={14} />}
        loading={file.isPending}
        onClick={() => file.mutate()}
      >
        Download the rejected rows
      </Button>
      {file.error && <ProblemAlert error={file.error} />}
    </>
  )
}

/** The rows of a TSV file come back as TSV, those of all others as CSV. */
function endingOf({ headers }: Response): string {
  return headers.get('content-type')?.startsWith('text/tab-separated-values') ? 'tsv' : 'csv'
}

function Raw({ text }: { text: string }) {
  if (text === '')
    return (
      <Text size="sm" c="dimmed">
        empty
      </Text>
    )
  return (
    <Code className="breakable" title={text}>
      {text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}
    </Code>
  )
}

const MAX_SHOWN = 200

function keyOf({ row, column, reason }: Reject, index: number): string {
  return `${index} ${row} ${column} ${reason}`
}
