import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Section } from '../../../components/section'
import { useUpdateDataset, type DeclaredDataset } from '../declaration/declarations'
import { draftOfDeclaration } from '../declaration/draft-of'
import { fieldErrorsOf, NO_ERRORS, within } from '../declaration/field-errors'
import { labelOf, withoutDefaults, type FileOptions, type OptionName } from '../file-options/file-options'
import { FileOptionsInput } from '../file-options/file-options-input'
import { SaveButton } from './save-button'

interface FileOptionsSectionProps {
  dataset: DeclaredDataset
  mayEdit: boolean
}

/** How its files are written where an upload does not say otherwise. */
export function FileOptionsSection({ dataset, mayEdit }: FileOptionsSectionProps) {
  return (
    <Section title="How its files are written" description="Where an upload does not say otherwise.">
      {mayEdit ? <Edit dataset={dataset} /> : <Show options={dataset.fileOptions} />}
    </Section>
  )
}

function Show({ options }: { options: FileOptions }) {
  const entries = Object.entries(withoutDefaults(options))
  if (entries.length === 0) return <Text size="sm">As most files are: nothing special.</Text>
  return (
    <Text size="sm">
      {entries.map(([name, value]) => `${name}: ${labelOf(name as OptionName, value)}`).join(' · ')}
    </Text>
  )
}

function Edit({ dataset }: { dataset: DeclaredDataset }) {
  const [options, setOptions] = useState(dataset.fileOptions)
  const [errors, setErrors] = useState(NO_ERRORS)
  const update = useUpdateDataset(dataset.name)
  const change = (next: FileOptions) => {
    setOptions(next)
    setErrors(NO_ERRORS)
    update.reset()
  }
  const save = () =>
    update.mutate(
      { fileOptions: withoutDefaults(options) },
      { onError: (error) => setErrors(fieldErrorsOf(error, draftOfDeclaration(dataset))) },
    )
  return (
    <Stack gap="sm">
      <FileOptionsInput value={options} errors={within(errors, 'fileOptions')} onChange={change} />
      <SaveButton update={update} hasPlaces={errors.size > 0} onSave={save} />
    </Stack>
  )
}
