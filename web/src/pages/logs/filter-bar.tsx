import { Button, Select, SimpleGrid, Switch } from '@mantine/core'
import { UserSelect } from '../../accounts/user-select'
import { AppliedInput } from '../../components/applied-input'
import { PeriodSelect } from '../../components/period-select'
import { TimeInput } from '../../components/time-input'
import { ANY_ERROR, type LogFilters } from './filters'
import { useTopEndpoints } from './queries'
import { statusOptions } from './statuses'

interface FilterBarProps {
  filters: LogFilters
  onChange: (changes: Partial<LogFilters>) => void
  /** undefined: there is nothing to clear */
  onClear?: () => void
}

export function FilterBar({ filters, onChange, onClear }: FilterBarProps) {
  const { data: topEndpoints = [] } = useTopEndpoints()
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 6 }} spacing="sm" role="search" aria-label="Filters of the log">
      <Select
        label="Status"
        placeholder="Any"
        searchable
        clearable
        data={[{ value: ANY_ERROR, label: 'Any error' }, ...statusOptions(filters.status)]}
        value={filters.status || null}
        onChange={(status) => onChange({ status: status ?? '' })}
      />
      <UserSelect userId={filters.userId} onChange={(userId) => onChange({ userId })} />
      <PeriodSelect from={filters.from} to={filters.to} onChange={onChange} />
      <TimeInput label="From" value={filters.from} onChange={(from) => onChange({ from })} />
      <TimeInput label="Before" value={filters.to} onChange={(to) => onChange({ to })} />
      <AppliedInput
        label="Route"
        placeholder="/v1/query"
        data={topEndpoints}
        value={filters.endpoint}
        onApply={(endpoint) => onChange({ endpoint })}
      />
      <Switch
        label="The console's own requests"
        checked={filters.console !== ''}
        onChange={(event) => onChange({ console: event.currentTarget.checked ? 'shown' : '' })}
      />
      {filters.keyId && (
        <Button variant="default" size="xs" onClick={() => onChange({ keyId: '' })}>
          Of one key only: show all
        </Button>
      )}
      {onClear && (
        <Button variant="subtle" size="xs" onClick={onClear} justify="flex-start" px={0}>
          Clear the filters
        </Button>
      )}
    </SimpleGrid>
  )
}
