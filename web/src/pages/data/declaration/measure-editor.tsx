import { Grid, NativeSelect, TextInput } from '@mantine/core'
import type { MeasureType } from './declarations'
import { included, type DraftColumn, type DraftMeasure } from './draft'
import type { FieldErrors } from './field-errors'
import { MeasureDetails } from './measure-details'
import { MeasureParts } from './measure-parts'
import { MEASURE_KINDS } from './measure-types'

interface MeasureEditorProps {
  label: string
  measure: DraftMeasure
  measures: DraftMeasure[]
  columns: DraftColumn[]
  /** of this measure, by its fields */
  errors: FieldErrors
  onChange: (measure: DraftMeasure) => void
  onRemove: () => void
}

const TYPES = Object.entries(MEASURE_KINDS).map(([value, { label }]) => ({ value, label }))

export function MeasureEditor(props: MeasureEditorProps) {
  const { label, measure, measures, columns, errors, onChange } = props
  const errorOf = (field: string) => errors.get(field)
  const change = (changes: Partial<DraftMeasure>) => onChange({ ...measure, ...changes })
  return (
    <Grid role="group" aria-label={`Measure ${label}`} gap="xs" align="flex-start">
      <Grid.Col span={{ base: 6, md: 3 }}>
        <TextInput
          size="sm"
          label="Name"
          placeholder="total_sales"
          spellCheck={false}
          value={measure.name}
          error={errorOf('name')}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, md: 3 }}>
        <TextInput
          size="sm"
          label="Title"
          placeholder="made of the name"
          value={measure.title}
          error={errorOf('title')}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, md: 3 }}>
        <NativeSelect
          size="sm"
          label="What it is"
          data={TYPES}
          value={measure.type}
          error={errorOf('type')}
          onChange={(event) => change({ type: event.currentTarget.value as MeasureType })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, md: 3 }}>
        <MeasureParts
          measure={measure}
          measures={measures}
          columns={included({ columns })}
          errorOf={errorOf}
          onChange={change}
        />
      </Grid.Col>
      <Grid.Col span={12}>
        <MeasureDetails {...props} onChange={change} />
      </Grid.Col>
    </Grid>
  )
}
