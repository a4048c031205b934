import { MultiSelect } from '@mantine/core'
import type { Member } from '../datasets'

interface MembersInputProps {
  label: string
  placeholder: string
  members: Member[]
  value: string[]
  onChange: (names: string[]) => void
}

export function MembersInput({ label, placeholder, members, value, onChange }: MembersInputProps) {
  const known = members.map(({ name, title }) => ({ value: name, label: title }))
  // A name that came with the address stays visible, whatever the server thinks of it.
  const others = value.filter((name) => !members.some((member) => member.name === name))
  return (
    <MultiSelect
      label={label}
      placeholder={value.length === 0 ? placeholder : undefined}
      data={[...known, ...others]}
      value={value}
      onChange={onChange}
      searchable
      clearable
      hidePickedOptions
      nothingFoundMessage="No matches"
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
    />
  )
}
