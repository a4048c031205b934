import { NativeSelect, SimpleGrid, Textarea, TextInput } from '@mantine/core'
import type { Draft } from './draft'
import { timeOf, timesOf } from './draft'
import type { FieldErrors } from './field-errors'

interface DetailsFieldsProps {
  draft: Draft
  errors: FieldErrors
  /** the name of a dataset that stands cannot change */
  isNew: boolean
  onChange: (changes: Partial<Draft>) => void
}

/** What the dataset is called, and which of its times periods are of. */
export function DetailsFields({ draft, errors, isNew, onChange }: DetailsFieldsProps) {
  const times = timesOf(draft)
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      {isNew && (
        <TextInput
          label="Dataset name"
          description="In queries and URLs: a to z, digits and _"
          placeholder="orders"
          required
          spellCheck={false}
          value={draft.name}
          error={errors.get('name')}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      )}
      <TextInput
        label="Title"
        description={isNew ? 'As people read it' : undefined}
        placeholder="Orders"
        value={draft.title}
        error={errors.get('title')}
        onChange={(event) => onChange({ title: event.currentTarget.value })}
      />
      <NativeSelect
        label="Time dimension"
        description={isNew ? 'The date that months and days of a query are of' : undefined}
        value={timeOf(draft)?.id ?? ''}
        error={errors.get('timeDimension')}
        onChange={(event) => onChange({ timeDimension: event.currentTarget.value })}
        data={[
          { value: '', label: times.length > 0 ? '– none –' : '– no date among the columns –' },
          ...times.map(({ id, name, source }) => ({ value: id, label: name || source })),
        ]}
      />
      <Textarea
        label="Description"
        description={isNew ? 'What a row is' : undefined}
        autosize
        minRows={1}
        maxRows={6}
        value={draft.description}
        error={errors.get('description')}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
    </SimpleGrid>
  )
}
