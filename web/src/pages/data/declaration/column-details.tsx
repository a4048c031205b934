import { Autocomplete, NumberInput, Select, Stack } from '@mantine/core'
import { FieldError } from '../../../components/field-error'
import { COMMON_FORMATS } from '../mapping/guess-date-format'
import { isTimeType, type DraftColumn } from './draft'

const MAX_SCALE = 18
const DEFAULT_SCALE = 4
const TIMEZONES = Intl.supportedValuesOf('timeZone')
const SHOWN_TIMEZONES = 50

interface ColumnDetailsProps {
  column: DraftColumn
  label: string
  errorOf: (field: string) => string | undefined
  onChange: (changes: Partial<DraftColumn>) => void
}

/** What there is to say of the type of a column, where there is anything. */
export function ColumnDetails({ column, label, errorOf, onChange }: ColumnDetailsProps) {
  if (column.type === 'decimal') {
    return (
      <NumberInput
        size="sm"
        aria-label={`Decimals of ${label}`}
        placeholder={`${DEFAULT_SCALE} decimals`}
        suffix=" decimals"
        min={0}
        max={MAX_SCALE}
        allowDecimal={false}
        allowNegative={false}
        value={column.scale ?? ''}
        error={errorOf('scale')}
        onChange={(scale) => onChange({ scale: typeof scale === 'number' ? scale : undefined })}
      />
    )
  }
  if (!isTimeType(column.type)) {
    return <FieldError text={errorOf('scale') ?? errorOf('format')} />
  }
  return (
    <Stack gap={4}>
      <Autocomplete
        size="sm"
        aria-label={`Format of ${label}`}
        placeholder="ISO: YYYY-MM-DD"
        data={COMMON_FORMATS}
        filter={({ options }) => options}
        value={column.format}
        error={errorOf('format')}
        onChange={(format) => onChange({ format })}
      />
      {column.type === 'timestamp' && (
        <Select
          size="sm"
          aria-label={`Time zone of ${label}`}
          placeholder="UTC"
          data={TIMEZONES}
          value={column.timezone || null}
          error={errorOf('timezone')}
          onChange={(timezone) => onChange({ timezone: timezone ?? '' })}
          searchable
          clearable
          limit={SHOWN_TIMEZONES}
          clearButtonProps={{ 'aria-label': `Clear: time zone of ${label}` }}
        />
      )}
    </Stack>
  )
}
