import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useFoundUsers, userLabelOf, useUserNames } from './user-names'

interface UserSelectProps {
  label?: string
  description?: string
  placeholder?: string
  /** empty: anybody */
  userId: string
  onChange: (userId: string) => void
  /** who is no user and may be chosen all the same */
  others?: { value: string; label: string }[]
}

/** Finds a user as one types; the server searches. */
export function UserSelect(props: UserSelectProps) {
  const { label = 'User', description, placeholder = 'Anybody', userId, onChange, others = [] } = props
  const [search, setSearch] = useState('')
  const [settled] = useDebouncedValue(search.trim(), 250)
  const { data: found } = useFoundUsers(settled)
  const isOther = others.some(({ value }) => value === userId)
  const names = useUserNames(userId && !isOther ? [userId] : [])
  const users = (found?.data ?? []).filter(({ id }) => id !== userId)
  return (
    <Select
      label={label}
      description={description}
      placeholder={placeholder}
      searchable
      clearable
      data={[
        ...others,
        ...(userId && !isOther ? [{ value: userId, label: userLabelOf(userId, names) }] : []),
        ...users.map(({ id, username }) => ({ value: id, label: username })),
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
