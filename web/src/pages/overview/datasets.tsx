import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatAgo, formatInteger } from '../../components/format'
import { Section } from '../../components/section'
import type { DatasetStats } from './queries'

const COLUMNS: Column<DatasetStats>[] = [
  { title: 'Dataset', render: ({ name }) => name },
  { title: 'Rows', numeric: true, render: ({ rowCount }) => formatInteger(rowCount) },
  {
    title: 'Last change',
    render: ({ lastIngestionAt }) => (lastIngestionAt ? formatAgo(lastIngestionAt) : 'none yet'),
  },
]

export function Datasets({ datasets }: { datasets: DatasetStats[] }) {
  return (
    <Section title="Datasets">
      {datasets.length === 0 ? (
        <EmptyState title="There is no dataset" />
      ) : (
        <DataTable label="Datasets" columns={COLUMNS} rows={datasets} rowKey={({ name }) => name} minWidth={300} />
      )}
    </Section>
  )
}
