import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { formatInteger } from '../../../components/format'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { declaredPrice } from '../declaration/declaration-of'
import { useUpdateDataset, type DeclaredDataset, type Price } from '../declaration/declarations'
import { draftOfDeclaration } from '../declaration/draft-of'
import { areAllPlaced, fieldErrorsOf, NO_ERRORS, within } from '../declaration/field-errors'
import { PriceInput } from '../declaration/price-input'

interface PriceSectionProps {
  dataset: DeclaredDataset
  mayEdit: boolean
}

/** What its queries cost. */
export function PriceSection({ dataset, mayEdit }: PriceSectionProps) {
  const [isEditing, setEditing] = useState(false)
  return (
    <Section
      title="Price"
      description="Credits that a query of it costs."
      actions={
        mayEdit &&
        !isEditing && (
          <Button size="xs" variant="default" leftSection={<IconPencil size={14} />} onClick={() => setEditing(true)}>
            Edit the price
          </Button>
        )
      }
    >
      {isEditing ? (
        <EditPrice dataset={dataset} onClose={() => setEditing(false)} />
      ) : (
        <Text size="sm">{summaryOf(dataset.price ?? {})}</Text>
      )}
    </Section>
  )
}

function summaryOf({ query, export: exported, perMillionRows = 0 }: Price): string {
  const [perQuery, perExport] = [query, exported].map((each) => (each === undefined ? 'the default' : creditsOf(each)))
  const rows = perMillionRows > 0 ? ` · each million rows that it reads ${creditsOf(perMillionRows)} more` : ''
  return `A query ${perQuery} · an export ${perExport}${rows}`
}

function creditsOf(count: number): string {
  return `${formatInteger(count)} ${count === 1 ? 'credit' : 'credits'}`
}

function EditPrice({ dataset, onClose }: { dataset: DeclaredDataset; onClose: () => void }) {
  const [price, setPrice] = useState(dataset.price ?? {})
  const [errors, setErrors] = useState(NO_ERRORS)
  const update = useUpdateDataset(dataset.name)
  const draft = draftOfDeclaration(dataset)
  const change = (next: Price) => {
    setPrice(next)
    setErrors(NO_ERRORS)
  }
  const save = () =>
    update.mutate(
      { price: declaredPrice(price) },
      { onSuccess: onClose, onError: (error) => setErrors(fieldErrorsOf(error, draft)) },
    )
  return (
    <Stack gap="sm">
      <PriceInput value={price} errors={within(errors, 'price')} onChange={change} />
      {update.error && !areAllPlaced(update.error, draft) && <ProblemAlert error={update.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={save} loading={update.isPending}>
          Save the price
        </Button>
      </Group>
    </Stack>
  )
}
