import { Button, Select, SimpleGrid } from '@mantine/core'
import { AppliedInput } from '../../components/applied-input'
import { TimeInput } from '../../components/time-input'
import type { LogFilters } from './filters'
import { useTopEndpoints } from './queries'
import { statusOptions } from './statuses'
import { UserSelect } from './user-select'

interface FilterBarProps {
  filters: LogFilters
  onChange: (changes: Partial<LogFilters>) => void
  /** undefined: there is nothing to clear */
  onClear?: () => void
}

export function FilterBar({ filters, onChange, onClear }: FilterBarProps) {
  const { data: topEndpoints = [] } = useTopEndpoints()
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 5 }} spacing="sm" role="search" aria-label="Filters of the log">
      <UserSelect userId={filters.userId} onChange={(userId) => onChange({ userId })} />
      <AppliedInput
        label="Route"
        placeholder="/v1/query"
        data={topEndpoints}
        value={filters.endpoint}
        onApply={(endpoint) => onChange({ endpoint })}
      />
      <Select
        label="Status"
        placeholder="Any"
        searchable
        clearable
        data={statusOptions(filters.status)}
        value={filters.status || null}
        onChange={(status) => onChange({ status: status ?? '' })}
      />
      <TimeInput label="From" value={filters.from} onChange={(from) => onChange({ from })} />
      <TimeInput label="Before" value={filters.to} onChange={(to) => onChange({ to })} />
      {onClear && (
        <Button variant="subtle" onClick={onClear} justify="flex-start" px={0}>
          Clear the filters
        </Button>
      )}
    </SimpleGrid>
  )
}
