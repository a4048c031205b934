import { Autocomplete, Button, Select, SimpleGrid } from '@mantine/core'
import { useState } from 'react'
import type { LogFilters } from './filters'
import { useBusyEndpoints } from './queries'
import { statusOptions } from './statuses'
import { TimeInput } from './time-input'
import { UserSelect } from './user-select'

interface FilterBarProps {
  filters: LogFilters
  onChange: (changes: Partial<LogFilters>) => void
  /** undefined: there is nothing to clear */
  onClear?: () => void
}

export function FilterBar({ filters, onChange, onClear }: FilterBarProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 5 }} spacing="sm" role="search" aria-label="Filters of the log">
      <UserSelect userId={filters.userId} onChange={(userId) => onChange({ userId })} />
      <EndpointInput endpoint={filters.endpoint} onChange={(endpoint) => onChange({ endpoint })} />
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

/** Takes effect with Enter, a choice from the list, or when one leaves it: half a route finds nothing. */
function EndpointInput({ endpoint, onChange }: { endpoint: string; onChange: (endpoint: string) => void }) {
  const [text, setText] = useState(endpoint)
  const [known, setKnown] = useState(endpoint)
  const { data: busy = [] } = useBusyEndpoints()
  // The filter was changed from elsewhere.
  if (known !== endpoint) {
    setKnown(endpoint)
    setText(endpoint)
  }
  const apply = (next: string) => {
    if (next.trim() !== endpoint) onChange(next.trim())
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        apply(text)
      }}
    >
      <Autocomplete
        label="Route"
        placeholder="/v1/query"
        data={busy}
        value={text}
        onChange={setText}
        onOptionSubmit={apply}
        onBlur={() => apply(text)}
        onClear={() => apply('')}
        clearable
        spellCheck={false}
      />
    </form>
  )
}
