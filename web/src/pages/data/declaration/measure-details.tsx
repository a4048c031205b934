import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight, IconTrash } from '@tabler/icons-react'
import { conditionsOf, type FilterMember } from '../../../filters/filter'
import { FiltersEditor } from '../../../filters/filters-editor'
import { textOfFilters } from '../../../filters/filter-text'
import { isTimeType, type DraftColumn, type DraftMeasure } from './draft'
import type { FieldErrors } from './field-errors'
import { hasFilters } from './measure-types'

interface MeasureDetailsProps {
  label: string
  measure: DraftMeasure
  columns: DraftColumn[]
  errors: FieldErrors
  onChange: (changes: Partial<DraftMeasure>) => void
  onRemove: () => void
}

/** The rows that it counts and what people read of it; closed, for most measures have neither. */
export function MeasureDetails(props: MeasureDetailsProps) {
  const { label, measure, columns, errors, onChange, onRemove } = props
  const [isChosen, { toggle }] = useDisclosure(false)
  const isOpen = isChosen || [...errors.keys()].some((field) => /^(filters|description)\b/.test(field))
  const what = hasFilters(measure.type) ? 'Filters and description' : 'Description'
  const Chevron = isOpen ? IconChevronDown : IconChevronRight
  return (
    <Stack gap="xs">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Button
          variant="subtle"
          size="compact-xs"
          flex="none"
          leftSection={<Chevron size={14} />}
          aria-expanded={isOpen}
          aria-label={`${what} of ${label}`}
          onClick={toggle}
        >
          {what}
        </Button>
        <Text size="xs" c="dimmed" className="breakable" pt={2} flex={1}>
          {!isOpen && summaryOf(measure, columns)}
        </Text>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${label}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
      {isOpen && (
        <Stack gap="xs" pl={{ base: 0, xs: 'md' }} pb="xs">
          {hasFilters(measure.type) && <Filters {...props} />}
          <TextInput
            size="sm"
            label="Description"
            placeholder="Without returns"
            value={measure.description}
            error={errors.get('description')}
            onChange={(event) => onChange({ description: event.currentTarget.value })}
          />
        </Stack>
      )}
    </Stack>
  )
}

function Filters({ label, measure, columns, errors, onChange }: MeasureDetailsProps) {
  return (
    <Stack gap="xs" role="group" aria-label={`Filters of ${label}`}>
      <Text size="sm" fw={500}>
        Only of the rows where
      </Text>
      {measure.filters.length === 0 && (
        <Text size="sm" c="dimmed">
          Without a filter it is of every row.
        </Text>
      )}
      <FiltersEditor
        filters={measure.filters}
        members={membersOf(measure, columns)}
        hasRelativeRanges={false}
        errors={errors}
        onChange={(filters) => onChange({ filters })}
      />
    </Stack>
  )
}

function summaryOf({ type, filters, description }: DraftMeasure, columns: DraftColumn[]): string {
  const titleOf = (id: string) => columns.find((column) => column.id === id)?.name ?? id
  const rows = hasFilters(type) && filters.length > 0 ? `only where ${textOfFilters(filters, titleOf)}` : ''
  return [rows, description].filter((text) => text !== '').join(' · ')
}

/** The columns, by their ids; one that was left out as long as a filter names it. */
function membersOf({ filters }: DraftMeasure, columns: DraftColumn[]): FilterMember[] {
  const named = conditionsOf(filters).map(({ member }) => member)
  return columns
    .filter(({ id, isIncluded }) => isIncluded || named.includes(id))
    .map(({ id, name, source, type, isIncluded }) => ({
      name: id,
      title: isIncluded ? name || source : `${name || source} (left out)`,
      type,
      kind: isTimeType(type) ? 'time' : 'dimension',
    }))
}
