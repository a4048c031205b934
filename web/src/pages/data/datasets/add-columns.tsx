import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert'
import { declaredColumn } from '../declaration/declaration-of'
import { useUpdateDataset, type DeclaredDataset } from '../declaration/declarations'
import { ColumnsEditor } from '../declaration/columns-editor'
import { newColumn, type DraftColumn } from '../declaration/draft'
import { draftOfDeclaration } from '../declaration/draft-of'
import { areAllPlaced, fieldErrorsOf, NO_ERRORS, without } from '../declaration/field-errors'

interface AddColumnsProps {
  dataset: DeclaredDataset
  /** of a file that the dataset has no columns for yet */
  headers: string[]
  onClose: () => void
}

/** More columns for a dataset that stands. */
export function AddColumns({ dataset, headers, onClose }: AddColumnsProps) {
  const [columns, setColumns] = useState<DraftColumn[]>(() => drafted(headers))
  const [errors, setErrors] = useState(NO_ERRORS)
  const update = useUpdateDataset(dataset.name)
  const draft = draftOfDeclaration(dataset)
  const save = () =>
    update.mutate(
      { addColumns: columns.map(declaredColumn) },
      { onSuccess: onClose, onError: (error) => setErrors(fieldErrorsOf(error, draft, columns)) },
    )
  const change = (next: DraftColumn[], changed?: DraftColumn) => {
    setColumns(next)
    if (changed) setErrors((all) => without(all, `columns/${changed.id}`))
  }
  return (
    <Paper withBorder p="sm">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          The rows that are there have no value in an added column. Load their files again to fill it.
        </Text>
        <ColumnsEditor columns={columns} errors={errors} hasKey={false} onChange={change} />
        {update.error && !areAllPlaced(update.error, draft, columns) && <ProblemAlert error={update.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={save} loading={update.isPending}>
            {columns.length === 1 ? 'Add the column' : 'Add the columns'}
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}

function drafted(headers: string[]): DraftColumn[] {
  if (headers.length === 0) return [newColumn()]
  return headers.map((source) => ({ ...newColumn(), source, name: nameOf(source) }))
}

/** A name of the letters that names may have. */
function nameOf(header: string): string {
  const plain = header.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 63)
}
