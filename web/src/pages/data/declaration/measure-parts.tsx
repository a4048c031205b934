import { NativeSelect, NumberInput } from '@mantine/core'
import { ROWS_ID, type DraftColumn, type DraftMeasure } from './draft'
import { partsOf, takes } from './measure-types'

interface MeasurePartsProps {
  measure: DraftMeasure
  measures: DraftMeasure[]
  /** that are in the dataset */
  columns: DraftColumn[]
  errorOf: (field: string) => string | undefined
  onChange: (changes: Partial<DraftMeasure>) => void
}

/** The columns or measures that it is of. */
export function MeasureParts({ measure, measures, columns, errorOf, onChange }: MeasurePartsProps) {
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
