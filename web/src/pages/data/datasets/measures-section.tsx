import { Button, Group, Stack } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { declaredMeasures } from '../declaration/declaration-of'
import { useUpdateDataset, type DatasetInfo, type DeclaredDataset } from '../declaration/declarations'
import type { DraftMeasure } from '../declaration/draft'
import { draftOfDeclaration } from '../declaration/draft-of'
import { areAllPlaced, fieldErrorsOf, NO_ERRORS, without } from '../declaration/field-errors'
import { MeasuresEditor } from '../declaration/measures-editor'
import { MeasuresTable } from '../declaration/measures-table'

interface MeasuresSectionProps {
  info: DatasetInfo
  declared: DeclaredDataset | null
  mayEdit: boolean
}

export function MeasuresSection({ info, declared, mayEdit }: MeasuresSectionProps) {
  const [isEditing, setEditing] = useState(false)
  return (
    <Section
      title="Measures"
      actions={
        mayEdit &&
        !isEditing && (
          <Button size="xs" variant="default" leftSection={<IconPencil size={14} />} onClick={() => setEditing(true)}>
            Edit the measures
          </Button>
        )
      }
    >
      {isEditing && declared ? (
        <EditMeasures dataset={declared} onClose={() => setEditing(false)} />
      ) : (
        <MeasuresTable
          measures={info.members.filter(({ kind }) => kind === 'measure')}
          declared={declared?.measures ?? []}
        />
      )}
    </Section>
  )
}

function EditMeasures({ dataset, onClose }: { dataset: DeclaredDataset; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOfDeclaration(dataset))
  const [errors, setErrors] = useState(NO_ERRORS)
  const update = useUpdateDataset(dataset.name)
  const save = () =>
    update.mutate(
      { measures: declaredMeasures(draft) },
      { onSuccess: onClose, onError: (error) => setErrors(fieldErrorsOf(error, draft)) },
    )
  const change = (measures: DraftMeasure[], changed?: DraftMeasure) => {
    setDraft({ ...draft, measures })
    if (changed) setErrors((all) => without(all, `measures/${changed.id}`))
  }
  return (
    <Stack gap="sm">
      <MeasuresEditor measures={draft.measures} columns={draft.columns} errors={errors} onChange={change} />
      {update.error && !areAllPlaced(update.error, draft) && <ProblemAlert error={update.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={save} loading={update.isPending}>
          Save the measures
        </Button>
      </Group>
    </Stack>
  )
}
