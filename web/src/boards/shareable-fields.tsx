import { Switch, TextInput, type StackProps, Stack } from '@mantine/core'
import { EVERYBODY, type ShareableDraft } from './boards'

interface ShareableFieldsProps extends StackProps {
  value: ShareableDraft
  onEdit: (changes: Partial<ShareableDraft>) => void
}

/** What a saved query or a dashboard is called, and who sees it. */
export function ShareableFields({ value, onEdit, ...props }: ShareableFieldsProps) {
  return (
    <Stack {...props}>
      <TextInput
        label="Name"
        required
        maxLength={255}
        data-autofocus
        value={value.name}
        onChange={(event) => onEdit({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Description"
        maxLength={2000}
        value={value.description}
        onChange={(event) => onEdit({ description: event.currentTarget.value })}
      />
      <Switch
        label="Shared"
        description={value.visibility === 'shared' ? EVERYBODY : 'Only you and administrators see it.'}
        checked={value.visibility === 'shared'}
        onChange={(event) => onEdit({ visibility: event.currentTarget.checked ? 'shared' : 'private' })}
      />
    </Stack>
  )
}
