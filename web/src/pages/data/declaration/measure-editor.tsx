import { ActionIcon, Grid, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { MeasureType } from './declarations'
import { ROWS_ID, type DraftColumn, type DraftMeasure } from './draft'
import { MEASURE_KINDS, partsOf, takes } from './measure-types'

interface MeasureEditorProps {
  label: string
  measure: DraftMeasure
  measures: DraftMeasure[]
  columns: DraftColumn[]
  errorOf: (field: string) => string | undefined
  onChange: (measure: DraftMeasure) => void
  onRemove: () => void
}

const TYPES = Object.entries(MEASURE_KINDS).map(([value, { label }]) => ({ value, label }))

export function MeasureEditor({ label, measure, errorOf, onChange, onRemove, ...others }: MeasureEditorProps) {
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
      <Grid.Col span={{ base: 6, md: 2 }}>
        <TextInput
          size="sm"
          label="Title"
          placeholder="made of the name"
          value={measure.title}
          error={errorOf('title')}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 5, xs: 6, md: 3 }}>
        <NativeSelect
          size="sm"
          label="What it is"
          data={TYPES}
          value={measure.type}
          error={errorOf('type')}
          onChange={(event) => change({ type: event.currentTarget.value as MeasureType })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 5, md: 3 }}>
        <Parts measure={measure} errorOf={errorOf} onChange={change} {...others} />
      </Grid.Col>
      <Grid.Col span={{ base: 2, xs: 1 }}>
        <ActionIcon variant="default" size={36} mt={25} aria-label={`Remove ${label}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </Grid.Col>
    </Grid>
  )
}

type PartsProps = Pick<MeasureEditorProps, 'measure' | 'measures' | 'columns' | 'errorOf'> & {
  onChange: (changes: Partial<DraftMeasure>) => void
}

/** The columns or measures that it is of. */
function Parts({ measure, measures, columns, errorOf, onChange }: PartsProps) {
  const parts = partsOf(measure.type)
  const numeric = measures.filter(({ id, type }) => id !== measure.id && type !== 'ratio')
  const choice = (
    field: 'column' | 'by' | 'numerator' | 'denominator',
    label: string,
    choices: { id: string; name: string }[],
    none = '– choose –',
  ) => (
    <NativeSelect
      size="sm"
      label={label}
      value={choices.some(({ id }) => id === measure[field]) ? measure[field] : ''}
      error={errorOf(field)}
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
      data={[{ value: '', label: none }, ...choices.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  )
  const rows = { id: ROWS_ID, name: 'rows' }
  const fitting = columns.filter(({ type }) => takes(measure.type, type))
  return (
    <>
      {parts.includes('column') &&
        choice('column', 'Column', fitting, measure.type === 'count' ? 'every row' : '– choose –')}
      {parts.includes('level') && (
        <NumberInput
          size="sm"
          label="Level"
          placeholder="0.95"
          min={0}
          max={1}
          step={0.05}
          value={measure.level ?? ''}
          error={errorOf('level')}
          onChange={(level) => onChange({ level: typeof level === 'number' ? level : undefined })}
        />
      )}
      {parts.includes('by') &&
        choice(
          'by',
          'Latest by',
          columns.filter(({ type }) => type !== 'boolean'),
        )}
      {parts.includes('numerator') && choice('numerator', 'Numerator', [...numeric, rows])}
      {parts.includes('denominator') && choice('denominator', 'Denominator', [rows, ...numeric])}
    </>
  )
}
