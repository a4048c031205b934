import { Anchor, Badge, Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'
import { DataTable, type Column } from '../../../components/data-table'
import { formatAgo, formatInstant, formatInteger } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Section } from '../../../components/section'
import { useCurrentSession } from '../../../session/session-context'
import { mayChange } from '../../../session/use-session'
import {
  useAllDatasets,
  useDeclaredDatasets,
  type DatasetInfo,
  type DeclaredDataset,
  type Price,
} from '../declaration/declarations'

/** Every dataset that can be queried, and the way to a new one. */
export function DatasetsList() {
  const session = useCurrentSession()
  const datasets = useAllDatasets()
  const declared = useDeclaredDatasets()
  const declarationOf = (name: string) => declared.data?.find((dataset) => dataset.name === name)
  return (
    <Section
      title="Datasets"
      description="The tables that files go into and queries are asked of."
      actions={
        mayChange(session) && (
          <Button component={Link} to="/data/new" size="xs" leftSection={<IconPlus size={14} />}>
            New dataset
          </Button>
        )
      }
    >
      <Loaded query={datasets}>
        {(all) => (
          <DataTable
            label="Datasets"
            columns={columnsOf(declarationOf)}
            rows={all}
            rowKey={({ name }) => name}
            minWidth={700}
          />
        )}
      </Loaded>
    </Section>
  )
}

function columnsOf(declarationOf: (name: string) => DeclaredDataset | undefined): Column<DatasetInfo>[] {
  return [
    {
      title: 'Dataset',
      render: ({ name, title }) => (
        <Group gap={6}>
          <Anchor component={Link} to={`/data/datasets/${name}`} size="sm" className="breakable">
            {title}
          </Anchor>
          {!declarationOf(name) && (
            <Badge size="xs" variant="light" color="gray" tt="none">
              built in
            </Badge>
          )}
        </Group>
      ),
    },
    { title: 'Name', render: ({ name }) => <span className="unbroken">{name}</span> },
    { title: 'Rows', numeric: true, render: ({ rowCount }) => formatInteger(rowCount) },
    { title: 'Columns', numeric: true, render: ({ members }) => formatInteger(members.filter(isColumn).length) },
    {
      title: 'Measures',
      numeric: true,
      render: ({ members }) => formatInteger(members.filter((member) => !isColumn(member)).length),
    },
    { title: 'Price', render: ({ name }) => <PriceText price={declarationOf(name)?.price} /> },
    { title: 'Last load', render: ({ lastIngestion }) => <LastLoad at={lastIngestion} /> },
  ]
}

function isColumn({ kind }: DatasetInfo['members'][number]): boolean {
  return kind !== 'measure'
}

/** In credits, of a query and what differs from that. */
function PriceText({ price }: { price: Price | null | undefined }) {
  const { query, export: exported, perMillionRows = 0 } = price ?? {}
  const parts = [
    query === undefined ? 'default' : formatInteger(query),
    ...(exported === undefined || exported === query ? [] : [`export ${formatInteger(exported)}`]),
    ...(perMillionRows > 0 ? [`+ ${formatInteger(perMillionRows)} a million rows`] : []),
  ]
  return (
    <Text size="sm" c={price ? undefined : 'dimmed'}>
      {parts.join(', ')}
    </Text>
  )
}

function LastLoad({ at }: { at: string | null }) {
  return at ? (
    <Text size="sm" title={formatInstant(at)} className="unbroken">
      {formatAgo(at)}
    </Text>
  ) : (
    <Text size="sm" c="dimmed">
      none yet
    </Text>
  )
}
