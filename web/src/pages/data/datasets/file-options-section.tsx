import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { useUpdateDataset, type DeclaredDataset } from '../declaration/declarations'
import { draftOfDeclaration } from '../declaration/draft-of'
import { fieldErrorsOf, NO_ERRORS, within } from '../declaration/field-errors'
import { summaryOf, withoutDefaults, type FileOptions } from '../file-options/file-options'
import { FileOptionsInput } from '../file-options/file-options-input'

interface FileOptionsSectionProps {
  dataset: DeclaredDataset
  mayEdit: boolean
}

/** How its files are written where an upload does not say otherwise. */
export function FileOptionsSection({ dataset, mayEdit }: FileOptionsSectionProps) {
  const [isEditing, setEditing] = useState(false)
  return (
    <Section
      title="How its files are written"
      description="Where an upload does not say otherwise."
      actions={
        mayEdit &&
        !isEditing && (
          <Button size="xs" variant="default" leftSection={<IconPencil size={14} />} onClick={() => setEditing(true)}>
            Edit the options
          </Button>
        )
      }
    >
      {isEditing ? (
        <EditOptions dataset={dataset} onClose={() => setEditing(false)} />
      ) : (
        <Text size="sm">{summaryOf(dataset.fileOptions) || 'With the defaults of each format.'}</Text>
      )}
    </Section>
  )
}

function EditOptions({ dataset, onClose }: { dataset: DeclaredDataset; onClose: () => void }) {
  const [options, setOptions] = useState(dataset.fileOptions)
  const [errors, setErrors] = useState(NO_ERRORS)
  const update = useUpdateDataset(dataset.name)
  const change = (next: FileOptions) => {
    setOptions(next)
    setErrors(NO_ERRORS)
  }
  const save = () =>
    update.mutate(
      { fileOptions: withoutDefaults(options) },
      {
        onSuccess: onClose,
        onError: (error) => setErrors(fieldErrorsOf(error, draftOfDeclaration(dataset))),
      },
    )
  return (
    <Stack gap="sm">
      <FileOptionsInput value={options} errors={within(errors, 'fileOptions')} onChange={change} />
      {update.error && errors.size === 0 && <ProblemAlert error={update.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={save} loading={update.isPending}>
          Save the options
        </Button>
      </Group>
    </Stack>
  )
}
