import { Button, Group, NativeSelect, Stack } from '@mantine/core'
import { DateRangeInput } from '../../../filters/date-range-input'
import type { DateRange } from '../../../filters/filter'
import { isTime, type Member } from '../datasets'
import type { ExploreQuery, TimeDimension } from '../query'
import type { BuilderProps } from './builder-props'
import { withColumns } from './with-columns'

const PERIODS = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']
/** Parts of a day, which dates do not have. */
const OF_MOMENTS = ['minute', 'hour']
const MAX_COMPARED = 4

/** Periods and ranges of the time dimension. */
export function TimeInput({ dataset, query, onChange }: BuilderProps) {
  const times = dataset.members.filter(isTime)
  const usual = times.find(({ name }) => name === dataset.timeDimension) ?? times[0]!
  const time = query.timeDimension ?? { dimension: usual.name }
  const member = times.find(({ name }) => name === time.dimension) ?? usual
  const change = (changes: Partial<TimeDimension>) => {
    const next = { ...time, ...changes }
    const says = next.granularity ?? next.dateRange ?? next.compareDateRange
    onChange(withColumns(query, withoutDuplicates(query, says === undefined ? undefined : next)))
  }
  return (
    <Stack gap="xs">
      <NativeSelect
        label="Time"
        value={time.dimension}
        onChange={(event) => change({ dimension: event.currentTarget.value })}
        data={times.map(({ name, title }) => ({ value: name, label: title }))}
      />
      {!query.select && (
        <NativeSelect
          label="Group by period"
          value={time.granularity ?? ''}
          onChange={(event) =>
            change({ granularity: (event.currentTarget.value || undefined) as TimeDimension['granularity'] })
          }
          data={[{ value: '', label: '– not by time –' }, ...periodsOf(member)]}
        />
      )}
      <RangeKind time={time} onChange={change} />
      {time.compareDateRange && <Compared ranges={time.compareDateRange} onChange={change} />}
    </Stack>
  )
}

/** The same column cannot be grouped by its values and by periods. */
function withoutDuplicates(
  { dimensions }: ExploreQuery,
  timeDimension: TimeDimension | undefined,
): Partial<ExploreQuery> {
  if (!timeDimension?.granularity || !dimensions?.includes(timeDimension.dimension)) return { timeDimension }
  return { timeDimension, dimensions: dimensions.filter((name) => name !== timeDimension.dimension) }
}

function periodsOf({ type }: Member): string[] {
  return type === 'timestamp' ? PERIODS : PERIODS.filter((period) => !OF_MOMENTS.includes(period))
}

interface RangeProps {
  time: TimeDimension
  onChange: (changes: Partial<TimeDimension>) => void
}

function RangeKind({ time: { dateRange, compareDateRange }, onChange }: RangeProps) {
  const compare = () => onChange({ dateRange: undefined, compareDateRange: [dateRange || 'this year', 'last year'] })
  return (
    <DateRangeInput
      label="Range"
      value={compareDateRange ? undefined : dateRange}
      onChange={(next) => onChange({ dateRange: next, compareDateRange: undefined })}
      none="All time"
      extra={{ label: 'Compare ranges…', isChosen: compareDateRange !== undefined, onChoose: compare }}
    />
  )
}

function Compared({ ranges, onChange }: { ranges: DateRange[]; onChange: RangeProps['onChange'] }) {
  const set = (next: DateRange[]) => onChange({ compareDateRange: next })
  return (
    <Stack gap="xs" role="group" aria-label="Ranges to compare">
      {ranges.map((range, at) => (
        <DateRangeInput
          key={at}
          label={`Range ${at + 1}`}
          value={range}
          onChange={(next) => set(ranges.map((each, index) => (index === at ? (next ?? '') : each)))}
        />
      ))}
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          disabled={ranges.length >= MAX_COMPARED}
          onClick={() => set([...ranges, 'last year'])}
        >
          Add a range
        </Button>
        <Button size="xs" variant="default" disabled={ranges.length <= 2} onClick={() => set(ranges.slice(0, -1))}>
          Remove the last range
        </Button>
      </Group>
    </Stack>
  )
}
