import { Badge, Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { DataTable, type Column } from '../../../components/data-table'
import { formatAgo, formatInstant } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Section } from '../../../components/section'
import { AddSource } from './add-source'
import { SourceActions } from './source-actions'
import { placeOf, useSources, type Source } from './sources'

interface SourcesSectionProps {
  dataset: string
  mayEdit: boolean
}

/** Where its files are pulled from, and whether that works. */
export function SourcesSection({ dataset, mayEdit }: SourcesSectionProps) {
  const [isAdding, setAdding] = useState(false)
  const sources = useSources(dataset)
  return (
    <Section
      title="Sources"
      description="Folders, URLs and buckets that are looked at by a schedule: what is new or has changed is loaded once."
      actions={
        mayEdit &&
        !isAdding && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
            Add a source
          </Button>
        )
      }
    >
      {isAdding && <AddSource dataset={dataset} onClose={() => setAdding(false)} />}
      <Loaded query={sources}>
        {(all) =>
          all.length === 0 ? (
            <Text size="sm" c="dimmed">
              None: files come by upload only.
            </Text>
          ) : (
            <DataTable
              label="Sources"
              columns={mayEdit ? [...COLUMNS, ACTIONS] : COLUMNS}
              rows={all}
              rowKey={({ id }) => id}
              minWidth={720}
            />
          )
        }
      </Loaded>
    </Section>
  )
}

const COLUMNS: Column<Source>[] = [
  {
    title: 'Source',
    render: (source) => (
      <>
        <Text size="sm" className="breakable">
          {source.name}
        </Text>
        <Text size="xs" c="dimmed" className="breakable">
          {placeOf(source)}
        </Text>
      </>
    ),
  },
  { title: 'Schedule (UTC)', render: ({ schedule }) => <span className="unbroken">{schedule}</span> },
  { title: 'State', render: (source) => <State source={source} /> },
  { title: 'Last look', render: ({ lastRunAt }) => <Instant at={lastRunAt} none="none yet" /> },
]

const ACTIONS: Column<Source> = { title: 'Actions', render: (source) => <SourceActions source={source} /> }

function State({ source: { isRunning, isEnabled, lastError } }: { source: Source }) {
  const [color, text] = isRunning
    ? ['blue', 'looking']
    : lastError !== null
      ? ['red', 'failing']
      : isEnabled
        ? ['green', 'on']
        : ['gray', 'paused']
  return (
    <>
      <Badge size="sm" variant="light" color={color} tt="none">
        {text}
      </Badge>
      {lastError !== null && (
        <Text size="xs" className="breakable" mt={4}>
          {lastError}
        </Text>
      )}
    </>
  )
}

function Instant({ at, none }: { at: string | null; none: string }) {
  return (
    <Text size="sm" c={at ? undefined : 'dimmed'} title={at ? formatInstant(at) : undefined} className="unbroken">
      {at ? formatAgo(at) : none}
    </Text>
  )
}
