import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { DetailsFields } from '../declaration/details-fields'
import { useUpdateDataset, type DeclaredDataset } from '../declaration/declarations'
import { declaredTime } from '../declaration/declaration-of'
import type { Draft } from '../declaration/draft'
import { draftOfDeclaration } from '../declaration/draft-of'
import { fieldErrorsOf, NO_ERRORS, without } from '../declaration/field-errors'

/** Its title, its description and the time that periods are of. */
export function DetailsSection({ dataset }: { dataset: DeclaredDataset }) {
  const [draft, setDraft] = useState(() => draftOfDeclaration(dataset))
  const [errors, setErrors] = useState(NO_ERRORS)
  const update = useUpdateDataset(dataset.name)
  const change = (changes: Partial<Draft>) => {
    setDraft({ ...draft, ...changes })
    setErrors((all) => Object.keys(changes).reduce(without, all))
    update.reset()
  }
  const save = () => {
    const { title, description } = draft
    update.mutate(
      { title: title.trim(), description: description.trim(), timeDimension: declaredTime(draft) },
      { onError: (error) => setErrors(fieldErrorsOf(error, draft)) },
    )
  }
  return (
    <Section title="Title, description and time">
      <Stack gap="sm">
        <DetailsFields draft={draft} errors={errors} isNew={false} onChange={change} />
        {update.error && errors.size === 0 && <ProblemAlert error={update.error} />}
        <Group justify="flex-end" gap="sm">
          {update.isSuccess && (
            <Text size="sm" c="dimmed" role="status">
              Saved
            </Text>
          )}
          <Button onClick={save} loading={update.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </Section>
  )
}
