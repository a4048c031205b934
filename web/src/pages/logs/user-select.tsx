import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useFoundUsers, userLabelOf, useUserNames } from './queries'

interface UserSelectProps {
  /** empty: anybody */
  userId: string
  onChange: (userId: string) => void
}

/** Finds a user as one types; the server searches. */
export function UserSelect({ userId, onChange }: UserSelectProps) {
  const [search, setSearch] = useState('')
  const [settled] = useDebouncedValue(search, 250)
  const { data: found } = useFoundUsers(settled)
  const names = useUserNames(userId ? [userId] : [])
  const others = (found?.data ?? []).filter(({ id }) => id !== userId)
  return (
    <Select
      label="User"
      placeholder="Anybody"
      searchable
      clearable
      data={[
        ...(userId ? [{ value: userId, label: userLabelOf(userId, names) }] : []),
        ...others.map(({ id, username }) => ({ value: id, label: username })),
      ]}
      // What the server found is found, by whatever field.
      filter={({ options }) => options}
      nothingFoundMessage="No users match"
      value={userId || null}
      onChange={(id) => onChange(id ?? '')}
      searchValue={search}
      onSearchChange={setSearch}
    />
  )
}
