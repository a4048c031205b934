import { TagsInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../api/http'
import type { FilterValue } from './filter'

const DEBOUNCE_MS = 250
const SHOWN_VALUES = 50

interface ValuesInputProps {
  label: string
  placeholder: string | undefined
  /** where its values are from; undefined: they are typed only */
  source?: { dataset: string; member: string }
  max: number | undefined
  value: FilterValue[]
  error: string | undefined
  onChange: (values: FilterValue[]) => void
}

/** Values that are typed, or picked from those that the data has. */
export function ValuesInput({ label, placeholder, source, max, value, error, onChange }: ValuesInputProps) {
  const [search, setSearch] = useState('')
  const [text] = useDebouncedValue(search, DEBOUNCE_MS)
  const [isOpen, setOpen] = useState(false)
  const values = useQuery({
    queryKey: ['values', source?.dataset, source?.member, text],
    queryFn: ({ signal }) => valuesOf(source!, text, signal),
    enabled: source !== undefined && isOpen,
    placeholderData: (previous) => previous,
  })
  return (
    <TagsInput
      aria-label={label}
      placeholder={placeholder}
      data={values.data ?? []}
      // The server has searched already, through all of its values.
      filter={({ options }) => options}
      searchValue={search}
      onSearchChange={setSearch}
      onDropdownOpen={() => setOpen(true)}
      maxTags={max}
      value={value.map(String)}
      error={error}
      onChange={onChange}
      splitChars={['\n', '\t']}
      clearable={false}
    />
  )
}

async function valuesOf({ dataset, member }: { dataset: string; member: string }, search: string, signal: AbortSignal) {
  const { data } = await request('GET /v1/datasets/{name}/values/{member}', {
    path: { name: dataset, member },
    query: { search: search || undefined, limit: SHOWN_VALUES },
    signal,
  })
  return data
}
