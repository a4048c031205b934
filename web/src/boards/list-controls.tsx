import { Group, Switch } from '@mantine/core'
import { AppliedInput } from '../components/applied-input'

interface ListControlsProps {
  search: string
  isMine: boolean
  onChange: (changes: { search?: string; isMine?: boolean }) => void
}

/** Which of the saved queries or dashboards are listed. */
export function ListControls({ search, isMine, onChange }: ListControlsProps) {
  return (
    <Group align="center" gap="md">
      <AppliedInput
        aria-label="Search"
        placeholder="Search by name or description"
        w={280}
        value={search}
        onApply={(text) => onChange({ search: text })}
      />
      <Switch
        label="Only mine"
        checked={isMine}
        onChange={(event) => onChange({ isMine: event.currentTarget.checked })}
      />
    </Group>
  )
}
