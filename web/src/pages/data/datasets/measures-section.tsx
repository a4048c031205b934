import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { DataTable, type Column } from '../../../components/data-table'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import type { Filter } from '../../../filters/filter'
import { textOfFilters } from '../../../filters/filter-text'
import { declaredMeasures } from '../declaration/declaration-of'
import {
  useUpdateDataset,
  type DatasetInfo,
  type DatasetMeasure,
  type DeclaredDataset,
} from '../declaration/declarations'
import type { DraftMeasure } from '../declaration/draft'
import { draftOfDeclaration } from '../declaration/draft-of'
import { areAllPlaced, fieldErrorsOf, NO_ERRORS, without } from '../declaration/field-errors'
import { MEASURE_KINDS } from '../declaration/measure-types'
import { MeasuresEditor } from '../declaration/measures-editor'

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
        <DataTable
          label="Measures"
          columns={tableOf(declared?.measures ?? [])}
          rows={info.members.filter(({ kind }) => kind === 'measure')}
          rowKey={({ name }) => name}
          minWidth={460}
        />
      )}
    </Section>
  )
}

type Measure = DatasetInfo['members'][number]

function tableOf(declared: DatasetMeasure[]): Column<Measure>[] {
  const own = new Map(declared.map((measure) => [measure.name, measure]))
  return [
    { title: 'Name', render: ({ name }) => <Code>{name}</Code> },
    { title: 'Title', render: ({ title }) => title },
    {
      title: 'What it is',
      render: ({ name, description }) => {
        const measure = own.get(name)
        if (!measure) return <Text size="sm">{description ?? (name === 'rows' ? 'count of rows' : '')}</Text>
        return (
          <>
            <Text size="sm" className="breakable">
              {textOf(measure)}
            </Text>
            {description && (
              <Text size="xs" c="dimmed" className="breakable">
                {description}
              </Text>
            )}
          </>
        )
      },
    },
  ]
}

function textOf({ type, column, level, by, numerator, denominator, filters }: DatasetMeasure): string {
  if (type === 'ratio') return `${numerator} / ${denominator}`
  const details = [
    ...(column ? [`of ${column}`] : []),
    ...(level === undefined ? [] : [`at ${level}`]),
    ...(by ? [`by ${by}`] : []),
    ...(filters?.length ? [`where ${textOfFilters(filters as Filter[], (member) => member)}`] : []),
  ]
  return [MEASURE_KINDS[type].label, ...details].join(' ')
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
