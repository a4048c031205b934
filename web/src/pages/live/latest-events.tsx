import { Code, Text } from '@mantine/core'
import { DataTable, type Column } from '../../components/data-table'
import { formatTime } from '../../components/format'
import { Section } from '../../components/section'
import type { StoredEvent } from '../../live/frames'

const SHOWN = 10
const SHOWN_CHARACTERS = 200

const COLUMNS: Column<StoredEvent>[] = [
  { title: 'Time', render: ({ timestamp }) => <span className="unbroken figures">{formatTime(timestamp)}</span> },
  { title: 'Type', render: ({ type }) => <span className="breakable">{type}</span> },
  { title: 'Source', render: ({ source }) => <span className="breakable">{source}</span> },
  { title: 'Values', render: ({ values }) => <Code className="breakable">{shortened(JSON.stringify(values))}</Code> },
]

export function LatestEvents({ events }: { events: readonly StoredEvent[] }) {
  return (
    <Section title="Latest events" description={`The last ${SHOWN} that came while this page was open.`}>
      {events.length === 0 ? (
        <Text size="sm" c="dimmed">
          None has come yet.
        </Text>
      ) : (
        <DataTable
          label="Latest events"
          columns={COLUMNS}
          rows={events.slice(0, SHOWN)}
          rowKey={({ id }) => id}
          minWidth={640}
        />
      )}
    </Section>
  )
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
