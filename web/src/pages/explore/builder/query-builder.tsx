import { NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { Section } from '../../../components/section'
import { FiltersEditor } from '../../../filters/filters-editor'
import { formatInteger, formatAgo } from '../../../components/format'
import { isDimension, isMeasure, isTime, type Dataset } from '../datasets'
import { ExamplesMenu } from '../examples-menu'
import { isBlank, type ExploreQuery } from '../query'
import { HistoryButtons } from '../history-buttons'
import type { BuilderProps } from './builder-props'
import { MembersInput } from './members-input'
import { MoreInputs } from './more-inputs'
import { OrderInput } from './order-input'
import { TimeInput } from './time-input'
import { withColumns } from './with-columns'

const SHOWN_COLUMNS = 5

interface QueryBuilderProps extends BuilderProps {
  datasets: Dataset[]
  onOpen: (query: ExploreQuery) => void
  undo: (() => void) | undefined
  redo: (() => void) | undefined
}

/** Every part of a query as a field. */
export function QueryBuilder({ datasets, dataset, query, onChange, onOpen, undo, redo }: QueryBuilderProps) {
  const parts = { dataset, query, onChange }
  return (
    <Section
      title="Query"
      description={<About dataset={dataset} />}
      actions={
        <>
          <HistoryButtons undo={undo} redo={redo} />
          {!isBlank(query) && <ExamplesMenu datasets={datasets} dataset={dataset} onOpen={onOpen} />}
        </>
      }
    >
      <Stack gap="md">
        <NativeSelect
          label="Dataset"
          value={dataset.name}
          onChange={(event) => onOpen({ dataset: event.currentTarget.value })}
          data={datasets.map(({ name, title }) => ({ value: name, label: title }))}
        />
        <Kind {...parts} />
        <Columns {...parts} />
        {dataset.members.some(isTime) && <TimeInput {...parts} />}
        <Filters {...parts} />
        <OrderInput {...parts} />
        <MoreInputs {...parts} />
      </Stack>
    </Section>
  )
}

function About({ dataset: { description, rowCount, lastIngestion } }: { dataset: Dataset }) {
  const age = lastIngestion ? `, the last of them ${formatAgo(lastIngestion)}` : ''
  return `${description} ${formatInteger(rowCount)} ${rowCount === 1 ? 'row' : 'rows'}${age}.`.trimStart()
}

/** Groups with measures, or raw rows. */
function Kind({ dataset, query, onChange }: BuilderProps) {
  const choose = (kind: string) => {
    if (kind === 'groups') return onChange(withColumns(query, { select: undefined }))
    const range = query.timeDimension && { ...query.timeDimension, granularity: undefined }
    const hasRange = range?.dateRange !== undefined || range?.compareDateRange !== undefined
    const select = query.dimensions?.length ? query.dimensions : firstColumns(dataset)
    onChange(
      withColumns(query, {
        select,
        measures: undefined,
        dimensions: undefined,
        timeDimension: hasRange ? range : undefined,
      }),
    )
  }
  return (
    <div>
      <Text size="sm" fw={600} id="query-kind">
        Result
      </Text>
      <SegmentedControl
        aria-labelledby="query-kind"
        fullWidth
        value={query.select ? 'rows' : 'groups'}
        onChange={choose}
        data={[
          { value: 'groups', label: 'Summary' },
          { value: 'rows', label: 'Raw rows' },
        ]}
      />
    </div>
  )
}

/** All of them have to hold. */
function Filters({ dataset, query, onChange }: BuilderProps) {
  // Raw rows have no groups that a measure could be of.
  const members = query.select ? dataset.members.filter(isDimension) : dataset.members
  return (
    <Stack gap="xs" role="group" aria-labelledby="filters-title">
      <Text size="sm" fw={600} id="filters-title">
        Filters
      </Text>
      <FiltersEditor
        filters={query.filters ?? []}
        members={members}
        dataset={dataset.name}
        onChange={(filters) => onChange({ filters })}
      />
    </Stack>
  )
}

/** Something to see before columns are chosen: what identifies a row, or else the first columns. */
function firstColumns({ key, members }: Dataset): string[] {
  if (key.length > 0) return key
  return members
    .filter(isDimension)
    .slice(0, SHOWN_COLUMNS)
    .map(({ name }) => name)
}

function Columns({ dataset, query, onChange }: BuilderProps) {
  const dimensions = dataset.members.filter(isDimension)
  if (query.select) {
    return (
      <MembersInput
        label="Columns"
        placeholder="Choose columns"
        members={dimensions}
        value={query.select}
        onChange={(select) => onChange(withColumns(query, { select }))}
      />
    )
  }
  // What is cut into periods cannot be a group of its own beside that.
  const time = query.timeDimension?.granularity ? query.timeDimension.dimension : undefined
  return (
    <>
      <MembersInput
        label="Measures"
        placeholder="Choose measures"
        members={dataset.members.filter(isMeasure)}
        value={query.measures ?? []}
        onChange={(measures) => onChange(withColumns(query, { measures }))}
      />
      <MembersInput
        label="Group by"
        placeholder="Choose dimensions"
        members={dimensions.filter(({ name }) => name !== time)}
        value={query.dimensions ?? []}
        onChange={(names) => onChange(withColumns(query, { dimensions: names }))}
      />
    </>
  )
}
